// Accesses that a cast makes wider than what is declared. Each kernel's is proved to be aligned once the defect is mended.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

constexpr const char* kContract = R"({ "contract": 1,
  "sizes": { "N": {"range": [1, 4]} },
  "tensors": { "x": {"dtype": "f32", "shape": [64], "access": "read"}, "y": {"dtype": "f32", "shape": [128], "access": "write"} },
  "launches": [ {"kernel": "kernel", "args": ["x", "y"], "grid": [1], "block": [32]} ] })";

struct Shape {
  const char* name;
  const char* declared; ///< in kernel(const float* x, float* y); t is the thread
  const char* read;     ///< what thread t stores as 16 bytes
  const char* from;     ///< the defect
  const char* to;       ///< mended
};

std::string sourceOf(const Shape& shape) {
  return std::string("struct Quad { float element[4]; };\n__global__ void kernel(const float* x, float* y) {\n  const int t = threadIdx.x;\n  ") +
         shape.declared + "\n  __syncthreads();\n  reinterpret_cast<float4*>(y)[t] = " + shape.read + ";\n}\n";
}

class Alignment : public testing::TestWithParam<Shape> {};

TEST_P(Alignment, IsProvedOnlyOnceMended) {
  const Shape& shape = GetParam();
  EXPECT_THAT(prove(sourceOf(shape), kContract)["align.access"], testing::StartsWith("unknown"))
      << "the access is not aligned and was proved: unsound";
  EXPECT_EQ(prove(mutate(sourceOf(shape), shape.from, shape.to), kContract)["align.access"], "proved");
}

const Shape kShapes[] = {
    {"word_of_bytes", "__shared__ __align__(16) unsigned char s[36]; s[t] = t;", "make_float4(*(float*)&s[t], 0, 0, 0)", "&s[t]",
     "&s[t / 4 * 4]"},
    {"vector_of_floats", "__shared__ __align__(16) float s[36]; s[t] = x[t];", "*(float4*)&s[t]", "&s[t]", "&s[t / 4 * 4]"},
    {"vector_of_a_whole_array", "__shared__ float s[4]; if (t < 4) s[t] = x[t];", "*(float4*)s", "__shared__ float",
     "__shared__ __align__(16) float"},
    {"vector_of_a_whole_structure", "__shared__ Quad s; if (t < 4) s.element[t] = x[t];", "*(float4*)&s", "__shared__ Quad",
     "__shared__ __align__(16) Quad"},
    {"vector_of_a_structure_behind_a_pointer", "const Quad* p = (const Quad*)(x + t);", "*(const float4*)p", "x + t", "x + t / 4 * 4"},
    {"vector_of_a_member", "__shared__ __align__(16) Quad s[8]; if (t < 32) s[t / 4].element[t % 4] = x[t];",
     "*(float4*)&s[t % 8].element[t / 31]", "t / 31", "t / 32"},
};
INSTANTIATE_TEST_SUITE_P(All, Alignment, testing::ValuesIn(kShapes),
                         [](const testing::TestParamInfo<Shape>& one) { return std::string(one.param.name); });

} // namespace
} // namespace kverify::verifier::test
