// Where objects end, to the byte, and indices that leave them in unusual ways.
#include "both_engines.h"

namespace kverify::simt::test {
namespace {

Checks found(const std::string& source, Launch launch) {
  return judge(source, std::move(launch)).checks;
}

const Checks kClean;

TEST(Ends, TailOfAnOddArrayThatOnlyPairsTouch) {
  const char* kernel = "__global__ void k(unsigned* o) { o[threadIdx.x] = 1; }";
  EXPECT_EQ(found(kernel, {{1}, {3}, {output("o", 7, DType::F16)}}), Checks{"output.unwritten"})
      << "the last of 7 halves";
  EXPECT_EQ(found(kernel, {{1}, {4}, {output("o", 7, DType::F16)}}), Checks{"bounds.global-write"});
  EXPECT_EQ(found(kernel, {{1}, {4}, {output("o", 8, DType::F16)}}), kClean);
}

TEST(Ends, SharedArrayOfOddLength) {
  const char* kernel = R"(__global__ void k(int n, int* o) {
    __shared__ unsigned short s[33];
    ((unsigned*)s)[n] = 3;
    o[0] = ((unsigned*)s)[n];
  })";
  auto launch = [](int n) {
    Launch made{{1}, {1}, {output("o", 1, DType::I32)}, {}};
    made.scalars = {scalar(n)};
    return made;
  };
  // Scalars come after buffers in these launches.
  std::string source = kernel;
  source.replace(source.find("int n, int* o"), 13, "int* o, int n");
  EXPECT_EQ(found(source, launch(15)), kClean);
  EXPECT_EQ(found(source, launch(16)), Checks{"bounds.shared-write"});
}

TEST(Ends, HalfOfAnElementIsNotTheElement) {
  EXPECT_EQ(found("__global__ void k(long long* o) { ((int*)o)[threadIdx.x * 2] = 1; }",
                  {{1}, {4}, {output("o", 4, DType::I64)}}),
            Checks{"output.unwritten"});
  EXPECT_EQ(found("__global__ void k(long long* o, long long* p) { ((int*)o)[0] = 1; p[0] = o[0]; }",
                  {{1}, {1}, {temporary("o", 1, DType::I64), output("p", 1, DType::I64)}}),
            Checks{"init.global-read"});
}

TEST(Locals, BytesCount) {
  EXPECT_EQ(
      found("__global__ void k(int* o, int n) { char b[10]; for (int i = 0; i <= n; ++i) b[i] = i; o[0] = b[n - 1]; }",
            {{1}, {1}, {output("o", 1, DType::I32)}, {scalar(10)}}),
      Checks{"bounds.local"});
  EXPECT_EQ(found("__global__ void k(int* o, int n) { char b[16]; b[0] = 1; o[0] = b[n] + b[0]; }",
                  {{1}, {1}, {output("o", 1, DType::I32)}, {scalar(1)}}),
            Checks{"init.local-read"});
}

TEST(Locals, ConstantIndicesCountToo) {
  EXPECT_EQ(found("__global__ void k(int* o) { int a[4]; a[0] = 1; a[4] = 2; o[0] = a[0]; }",
                  {{1}, {1}, {output("o", 1, DType::I32)}}),
            Checks{"bounds.local"});
  EXPECT_EQ(found("__global__ void k(int* o) { int a[4]; a[0] = 1; o[0] = a[5] + a[0]; }",
                  {{1}, {1}, {output("o", 1, DType::I32)}}),
            Checks{"bounds.local"});
  EXPECT_EQ(found("__global__ void k(int* o) { int a[4]; a[0] = 1; a[3] = 2; o[0] = a[0] + a[3]; }",
                  {{1}, {1}, {output("o", 1, DType::I32)}}),
            kClean);
}

/// So many functions of a template. Of a thousand, as libraries have them, callees are inlined and promoted first
/// (simt/lower/inline_calls.cpp). `index` and `first` are of the one whose array is read by its callee.
std::string moduleOf(int functions, const std::string& index, const std::string& first) {
  std::string text = R"(template <int N> __device__ int step(int x) {
  int a[4] = {x, x + N, x ^ N, x * N};
  int b = a[1] - a[0], c = a[2] & 1, d = a[3] - x * N;
  return x + b - N + c - c + d;
}
__device__ int pick(const int* a) { return a[)" + index + R"(]; }
__device__ int last(int x) { int a[4]; )" + first + R"(a[1] = x; a[2] = x; a[3] = x; return pick(a); }
__global__ void k(int* o) {
  int x = 7;
)";
  for (int i = 1; i <= functions; ++i)
    text += "x = step<" + std::to_string(i) + ">(x);\n";
  return text + "o[0] = last(x);\n}";
}

TEST(Locals, CountInALargeModuleAsInASmallOne) {
  const std::vector<Buffer> out = {output("o", 1, DType::I32)};
  for (int functions : {1, 1000}) {
    EXPECT_EQ(found(moduleOf(functions, "4", "a[0] = x; "), {{1}, {1}, out}), Checks{"bounds.local"}) << functions;
    EXPECT_EQ(found(moduleOf(functions, "threadIdx.x", ""), {{1}, {1}, out}), Checks{"init.local-read"}) << functions;
    EXPECT_EQ(found(moduleOf(functions, "0", "a[0] = x; "), {{1}, {1}, out}), kClean) << functions;
    EXPECT_EQ(found(moduleOf(functions, "0", ""), {{1}, {1}, out}), Checks{"init.local-read"}) << functions;
    Kernel kernel(moduleOf(functions, "3", "a[0] = x; "));
    RunResult result = kernel.run(out, {1}, {1});
    ASSERT_EQ(result.status, RunStatus::Completed) << result.reason;
    EXPECT_EQ(contents<int>(result, 0)[0], 7) << functions;
  }
}

TEST(Locals, LargeArraysHaveRoom) {
  EXPECT_EQ(found(R"(__global__ void k(int* o, int n) {
    int a[40000];
    for (int i = 0; i < n; ++i) a[i] = i + threadIdx.x;
    __syncthreads();
    int s = 0;
    for (int i = 0; i < n; ++i) s += a[i] - i;
    if (s != n * threadIdx.x) __trap();
    o[threadIdx.x] = s;
  })",
                  {{1}, {64}, {output("o", 64, DType::I32)}, {scalar(40000)}}),
            kClean);
}

TEST(Wrapped, AnUnsignedIndexDoesNotReachTheNeighbour) {
  EXPECT_EQ(found(R"(__global__ void k(const long long* a, const long long* b, long long* o, int c) {
    o[0] = a[16 + (size_t)(unsigned)(c - 1)];
  })",
                  {{1},
                   {1},
                   {zeros("a", 64, DType::I64), zeros("b", 64, DType::I64), output("o", 1, DType::I64)},
                   {scalar(0)}}),
            Checks{"bounds.global-read"});
  EXPECT_EQ(found(R"(__global__ void k(const float4* a, const float4* b, const float4* c, float* o, int n) {
    o[0] = a[8 + (size_t)(unsigned)(n - 1)].x;
  })",
                  {{1},
                   {1},
                   {zeros("a", 64, DType::F32), zeros("b", 64, DType::F32), zeros("c", 64, DType::F32), output("o", 1)},
                   {scalar(0)}}),
            Checks{"bounds.global-read"});
}

TEST(Wrapped, LengthsThatWereNegative) {
  EXPECT_EQ(found("__global__ void k(int* o, int n) { memset(o, 0, (size_t)(long long)n); }",
                  {{1}, {1}, {output("o", 4, DType::I32)}, {scalar(-16)}}),
            Checks{"bounds.global-write"});
}

TEST(Copies, OfVariableLength) {
  const char* kernel = "__global__ void k(const int* a, int* o, int n) { memcpy(o, a, n); }";
  auto launch = [](int n) {
    return Launch{{1}, {1}, {zeros("a", 6, DType::U8), output("o", 6, DType::U8)}, {scalar(n)}};
  };
  EXPECT_EQ(found(kernel, launch(6)), kClean);
  EXPECT_EQ(found(kernel, launch(5)), Checks{"output.unwritten"});
  EXPECT_EQ(found(kernel, launch(7)), Checks{"bounds.global-read"});
}

TEST(Pointers, NullAndFar) {
  EXPECT_EQ(found("__global__ void k(int* o, int* p) { o[0] = p ? 0 : *p; }",
                  {{1}, {1}, {output("o", 1, DType::I32)}, {scalar<std::int64_t>(0)}}),
            Checks{"bounds.global-read"});
  EXPECT_EQ(found("__global__ void k(int* o, long long n) { o[n] = 1; }",
                  {{1}, {1}, {temporary("o", 1)}, {scalar<std::int64_t>(std::int64_t{3} << 31)}}),
            Checks{"bounds.global-write"});
  EXPECT_EQ(found("__global__ void k(int* o, int n) { __shared__ int s[8]; int* p = n ? o : s; p[8] = 1; }",
                  {{1}, {1}, {temporary("o", 16)}, {scalar(0)}}),
            Checks{"bounds.shared-write"});
}

TEST(Locals, AreGoneAfterTheirScope) {
  EXPECT_EQ(found(R"(
__device__ int* dangling(int n) { int a[4]; for (int i = 0; i < 4; ++i) a[i] = n; return a + n; }
__global__ void k(int* o, int n) { o[0] = *dangling(n); })",
                  {{1}, {1}, {output("o", 1, DType::I32)}, {scalar(2)}}),
            Checks{"bounds.local"});
  EXPECT_EQ(found("__global__ void k(int* o, int n) { int* p; { int a[4]; for (int i = 0; i < 4; ++i) a[i] = n; p = a "
                  "+ n; } o[0] = *p; }",
                  {{1}, {1}, {output("o", 1, DType::I32)}, {scalar(2)}}),
            Checks{"bounds.local"});
  EXPECT_EQ(found(R"(__global__ void k(int* o, int n) {
    int sum = 0;
    for (int i = 0; i < 3; ++i) { int a[4]; if (i == 0) for (int j = 0; j < 4; ++j) a[j] = n; sum += a[n]; }
    o[0] = sum;
  })",
                  {{1}, {1}, {output("o", 1, DType::I32)}, {scalar(2)}}),
            Checks{"init.local-read"});
}

/// Rows of 3 at a stride of 4.
Buffer padded(std::string name, DType dtype, Access access) {
  Buffer buffer =
      access == Access::Write ? output(std::move(name), 16, dtype) : zeros(std::move(name), 16, dtype, access);
  buffer.shape = {4, 3};
  buffer.strides = {4, 1};
  return buffer;
}

TEST(Padding, IsSeenBesideAnElement) {
  // Every access is a pair of halves; the second pair of a row is one element and one piece of padding.
  const char* kernel = "__global__ void k(const unsigned* x, unsigned* o, int n) { o[0] = x[threadIdx.x * 2 + n]; }";
  auto launch = [](int n) {
    return Launch{{1}, {1}, {padded("x", DType::F16, Access::Read), temporary("o", 1)}, {scalar(n)}};
  };
  EXPECT_EQ(found(kernel, launch(0)), kClean);
  EXPECT_EQ(found(kernel, launch(1)), Checks{"bounds.logical-read"});
}

TEST(Padding, DoesNotHideAnUnwrittenElement) {
  const char* pairs = "__global__ void k(unsigned* o) { o[threadIdx.x * 2] = 1; }";
  EXPECT_EQ(found(pairs, {{1}, {4}, {padded("o", DType::F16, Access::Write)}}), Checks{"output.unwritten"});
  const char* rows = "__global__ void k(float* o, int n) { for (int r = 0; r < 4; ++r) for (int c = 0; c < n; ++c) o[4 "
                     "* r + c] = 1; }";
  EXPECT_EQ(found(rows, {{1}, {1}, {padded("o", DType::F32, Access::Write)}, {scalar(3)}}), kClean);
  EXPECT_EQ(found(rows, {{1}, {1}, {padded("o", DType::F32, Access::Write)}, {scalar(2)}}), Checks{"output.unwritten"});
  const char* bytes = "__global__ void k(char* o, int n) { for (int r = 0; r < 4; ++r) for (int c = 0; c < 4 * n; ++c) "
                      "o[16 * r + c] = 1; }";
  EXPECT_EQ(found(bytes, {{1}, {1}, {padded("o", DType::F32, Access::Write)}, {scalar(3)}}), kClean);
}

TEST(Variables, HoldAddressesOfEachOther) {
  Verdict verdict = judge(R"(
__device__ int a[4] = {5, 6, 7, 8};
__device__ int* first = a;
struct Node { int value; const Node* next; };
extern __constant__ Node one;
__constant__ Node two = {20, nullptr};
__constant__ Node one = {10, &two};
__device__ int* middle[2] = {&a[1], a + 2};
__constant__ const char* names[2] = {"ab", "xyz"};
__global__ void k(int* o) {
  o[0] = first[3];
  o[1] = *middle[0] * 10 + *middle[1];
  o[2] = one.value + one.next->value;
  o[3] = names[1][2];
  printf("%s", names[0]);
})",
                          {{1}, {1}, {output("o", 4, DType::I32)}});
  EXPECT_EQ(verdict.checks, kClean);
  EXPECT_EQ(contents<int>(verdict.result, 0), (std::vector<int>{8, 67, 30, 'z'}));
  EXPECT_EQ(verdict.result.printed, "ab");
}

TEST(Variables, OfTheDeviceKeepTheirValueBetweenLaunches) {
  Verdict verdict = judge("__device__ int count = 10; __global__ void k(int* o) { count++; o[0] = count; }",
                          {{1}, {1}, {output("o", 1, DType::I32)}, {}, 0, 3});
  EXPECT_EQ(verdict.checks, kClean);
  EXPECT_EQ(contents<int>(verdict.result, 0)[0], 13);
}

TEST(Variables, ConstantOnesAreNotWritten) {
  EXPECT_EQ(found("__constant__ int c = 10; __global__ void k(int* o) { ((int*)&c)[0] = 3; o[0] = c; }",
                  {{1}, {1}, {output("o", 1, DType::I32)}}),
            Checks{"access.readonly-write"});
}

} // namespace
} // namespace kverify::simt::test
