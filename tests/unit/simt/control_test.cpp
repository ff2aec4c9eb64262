// Control flow that a host must not follow blindly: recursion, endless loops, function pointers, places that "cannot be
// reached", printf with wrong arguments, divisions that trap on x86.
#include "both_engines.h"

#include <gmock/gmock.h>

namespace kverify::simt::test {
namespace {

using ::testing::HasSubstr;

const Checks kClean;

Launch one(int argument = 0, std::int64_t elements = 1) {
  return {{1}, {1}, {output("o", elements, DType::I32)}, {scalar(argument)}};
}

Verdict limited(const std::string& source, Launch launch, std::uint64_t steps = 1 << 22) {
  RunLimits limits;
  limits.steps = steps;
  return judge(source, std::move(launch), limits);
}

TEST(Recursion, EndsInTheStackCheck) {
  const char* kernel = R"(
__device__ int sum(int n, int t) { return n == 0 ? t : sum(n - 1, t) + n; }
__global__ void k(int* o, int n) { o[0] = sum(n, 1); })";
  EXPECT_EQ(limited(kernel, one(100)).checks, kClean);
  EXPECT_EQ(limited(kernel, one(100000)).checks, Checks{"stack.overflow"});
  EXPECT_EQ(limited(R"(
__device__ int f(int n, int t) { int a[4096]; for (int i = 0; i < 4096; ++i) a[i] = i * t; return n ? f(n - 1, t) + a[n] : a[t]; }
__global__ void k(int* o, int n) { o[0] = f(n, 1); })",
                    one(1000), 1ull << 30)
                .checks,
            Checks{"stack.overflow"});
}

TEST(Recursion, CountsAgainstTheStepLimit) {
  Verdict verdict = limited(R"(
__device__ int f(int n, int t) { return n < 2 ? t : f(n - 1, t) + f(n - 2, t); }
__global__ void k(int* o, int n) { o[0] = f(n, 1); })",
                            one(60), 1 << 18);
  EXPECT_EQ(verdict.status, RunStatus::StepLimit);
}

TEST(Loops, EnteredByGotoEndAtTheStepLimit) {
  Verdict verdict = limited(R"(__global__ void k(int* o, int n) {
    unsigned i = n;
    if (n > 0) goto b;
a:  i = i * 3;
    if (i == 7) goto e;
b:  i = i | 1;
    if (i != 8) goto a;
e:  o[0] = i;
  })",
                            one(1), 1 << 18);
  EXPECT_EQ(verdict.status, RunStatus::StepLimit);
}

TEST(Calls, ThroughFunctionPointersAndVirtual) {
  Verdict verdict = limited(R"(
typedef int (*F)(int);
__device__ int inc(int a) { return a + 1; }
__device__ int twice(int a) { return a * 2; }
__device__ F table[2] = {inc, twice};
struct A { __device__ virtual int f(int x) = 0; };
struct B : A { __device__ int f(int x) override { return x + 10; } };
struct C : A { __device__ int f(int x) override { return x + 20; } };
__global__ void k(int* o, int n) {
  B b; C c;
  A* a = threadIdx.x & 1 ? (A*)&b : (A*)&c;
  o[threadIdx.x] = table[threadIdx.x & 1](a->f(n));
})",
                            {{1}, {2}, {output("o", 2, DType::I32)}, {scalar(5)}});
  EXPECT_EQ(verdict.checks, kClean);
  EXPECT_EQ(contents<int>(verdict.result, 0), (std::vector<int>{26, 30}));
}

TEST(Calls, WildPointersAreFaults) {
  const char* kernel = "typedef int (*F)(int); __global__ void k(int* o, int n) { o[0] = ((F)(long)n)(3); }";
  for (int address : {0, 1, 123456789}) {
    Verdict verdict = limited(kernel, one(address));
    EXPECT_EQ(verdict.checks, Checks{"exec.trap"});
    ASSERT_FALSE(verdict.result.findings.empty());
    EXPECT_THAT(verdict.result.findings[0].message, HasSubstr("pointer"));
  }
}

TEST(Unreachable, IsReachedByAMissingReturn) {
  const char* kernel =
      "__device__ int f(int n) { if (n < 3) return 1; } __global__ void k(int* o, int n) { o[0] = f(n); }";
  EXPECT_EQ(limited(kernel, one(2)).checks, kClean);
  EXPECT_EQ(limited(kernel, one(3)).checks, Checks{"exec.trap"});
}

TEST(Arithmetic, WhatTrapsOnX86) {
  EXPECT_EQ(limited("__global__ void k(int* o, int n) { o[0] = 7 / n + 7 % n; }", one(0)).checks,
            Checks{"arith.divide-by-zero"});
  EXPECT_EQ(limited(R"(typedef int V __attribute__((ext_vector_type(4)));
    __global__ void k(int* o, int n) { V a = {1, 2, 3, 4}, b = {n, 1, n, 1}, c = a / b; o[0] = c.x + c.y + c.z + c.w; })",
                    one(0))
                .checks,
            Checks{"arith.divide-by-zero"});
  Verdict verdict = limited(R"(__global__ void k(int* o, int n) {
    o[0] = n / (n + 0x7fffffff);  // INT_MIN / -1
    o[1] = n % (n + 0x7fffffff);
    o[2] = 1 << (n + 0x7fffffff + 33);
    o[3] = -8 >> (n + 0x7fffffff + 41);
    o[4] = (int)(1e30f * n);
    o[5] = (int)(n * 0.0f / 0.0f);
  })",
                            one(INT32_MIN, 6));
  EXPECT_EQ(verdict.checks, kClean);
  EXPECT_EQ(contents<int>(verdict.result, 0), (std::vector<int>{INT32_MIN, 0, 0, -1, INT32_MIN, 0}));
}

TEST(Printf, SurvivesFormatsThatAskForTooMuch) {
  Verdict verdict = limited(R"(__global__ void k(int* o, int n) {
    o[0] = 1;
    printf("%d %s|");
    printf("%*d|%99999d|%.9000f|", n, 1, 2, 1.0);
  })",
                            one(30000));
  EXPECT_EQ(verdict.checks, kClean);
  EXPECT_LT(verdict.result.printed.size(), 2000u);
}

TEST(Clock, GivesTheSameInEveryRun) {
  const char* kernel = "__global__ void k(int* o, int n) { o[0] = (int)clock(); o[1] = (int)clock(); }";
  Verdict first = limited(kernel, one(0, 2)), second = limited(kernel, one(0, 2));
  EXPECT_EQ(first.result.buffers, second.result.buffers);
}

TEST(Stack, ArraysOfVariableSizeAreUnsupported) {
  Verdict verdict = limited(
      "__global__ void k(int* o, int n) { int* p = (int*)__builtin_alloca(n); p[0] = 1; o[0] = p[0]; }", one(64));
  EXPECT_EQ(verdict.status, RunStatus::Unsupported);
  EXPECT_THAT(verdict.reason, HasSubstr("alloca"));
}

} // namespace
} // namespace kverify::simt::test
