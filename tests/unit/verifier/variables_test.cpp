// Variables that become registers: one that may be read before it is set has any value, and what leaves its object is not
// forgotten. And what a kernel only claims is not taken for true. Each kernel is proved once the defect is mended.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

constexpr const char* kContract = R"({ "contract": 1,
  "sizes": { "N": {"range": [0, 15]} },
  "tensors": { "y": {"dtype": "f32", "shape": [16], "access": "read_write"} },
  "launches": [ {"kernel": "kernel", "args": ["y", "N"], "grid": [1], "block": [1]} ] })";

struct Shape {
  const char* name;
  const char* before; ///< the kernel
  const char* body;   ///< of kernel(float* y, int n)
  const char* check;  ///< that must not be proved
  const char* from;   ///< the defect
  const char* to;     ///< mended
};

std::string sourceOf(const Shape& shape) {
  return std::string(shape.before) + "\n__global__ void kernel(float* y, int n) {\n  " + shape.body + "\n}\n";
}

class Variables : public testing::TestWithParam<Shape> {};

TEST_P(Variables, AreProvedOnlyOnceMended) {
  const Shape& shape = GetParam();
  Results broken = prove(sourceOf(shape), kContract);
  EXPECT_NE(broken[shape.check], "proved");
  EXPECT_THAT(openOnes(broken), testing::Not(testing::IsEmpty()));
  EXPECT_THAT(openOnes(prove(mutate(sourceOf(shape), shape.from, shape.to), kContract)), testing::IsEmpty());
}

const Shape kShapes[] = {
    {"scalar", "", "int i; if (n > 3) i = 5; y[i] = 1;", "bounds.global-write", "int i;", "int i = 0;"},
    {"element", "", "int a[2]; if (n > 3) a[0] = 5; a[1] = 2; y[a[0] * a[1]] = 1;", "bounds.global-write",
     "int a[2];", "int a[2] = {1, 1};"},
    {"element_for_a_helper", "__device__ int pick(const int* a) { return a[0]; }",
     "int a[2]; if (n > 3) a[0] = 5; a[1] = 2; y[pick(a)] = 1;", "bounds.global-write", "int a[2];",
     "int a[2] = {1, 1};"},
    {"field", "struct S { int i, j; };", "S s; if (n > 3) s.i = 5; s.j = 1; y[s.i] = 1;", "bounds.global-write",
     "S s;", "S s{0, 0};"},
    {"returned", "struct S { int i, j; };\n__device__ S made(int n) { S s; s.i = n; if (n > 20) s.j = 1; return s; }",
     "y[made(n).j] = 1;", "bounds.global-write", "S s;", "S s{0, 0};"},
    {"float_as_index", "", "float f; if (n > 3) f = 5; y[(int)f] = 1;", "bounds.global-write", "float f;",
     "float f = 5;"},
    {"union", "union U { float f; int i; };", "U u; if (n > 3) u.f = 0; y[u.i] = 1;", "bounds.global-write", "U u;",
     "U u{0};"},
    {"each_iteration", "", "for (int k = 0; k < 4; ++k) { int i; if (k == 0) i = 5; y[i] = 1; }",
     "bounds.global-write", "int i;", "int i = 0;"},
    {"large", "", "int a[2000]; if (n > 3) a[7] = 5; y[a[7]] = 1;", "bounds.global-write", "int a[2000]; if (n > 3)",
     "int a[20];"},
    {"jumped_over", "", "switch (n) { case 0: int i; i = 5; default: y[i] = 1; }", "bounds.global-write", "default: ",
     "default: i = 6; "},
    {"walking_read", "", "int a[2] = {1, 2}; int* p = a; int s = *p++; s += *p++; s = *p++; y[s] = 1;",
     "bounds.global-write", "; s = *p++;", ";"},
    {"walking_write", "", "int a[2]; int* p = a; *p++ = 1; *p++ = 2; *p++ = 3; y[a[0]] = 1;", "bounds.local",
     "*p++ = 3;", ""},
    {"view", "struct V { int n; int* p; __device__ void set(int i, int x) const { p[i] = x; } };",
     "int a[2]; V v{2, a}; v.set(0, 3); v.set(1, 4); v.set(2, 5); y[n] = a[0];", "bounds.local", "v.set(2, 5);", ""},
    {"false_assumption", "", "__builtin_assume(n < 4); if (!(n < 4)) y[n * 100] = 1; y[n] = 1;", "bounds.global-write",
     "if (!(n < 4)) y[n * 100] = 1; ", ""},
    {"reachable_default", "", "switch (n & 3) { case 0: case 1: case 2: y[n] = 1; break; default: __builtin_unreachable(); }",
     "assert.failed", "n & 3", "n % 3"},
    {"no_return", "__device__ int pick(int n) { if (n < 8) return 1; if (n >= 10) return 2; }", "y[pick(n)] = 1;",
     "assert.failed", "n >= 10", "n >= 8"},
    {"unused_field", "", "float2 v = *(const float2*)(y + (n & ~1)); y[n] = v.x + v.y; float4 w = *(const float4*)(y + (n | 3) + 1); y[0] = w.x;",
     "bounds.global-read", "(n | 3) + 1", "(n | 3) - 3"},
};

INSTANTIATE_TEST_SUITE_P(All, Variables, testing::ValuesIn(kShapes),
                         [](const auto& shape) { return std::string(shape.param.name); });

} // namespace
} // namespace kverify::verifier::test
