// output.unwritten: kernels that write everything, and the same with something left out.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

struct Shape {
  const char* name;
  const char* body; ///< of kernel(float* y, const int* h, int rows, int n); y is [R, N]
  const char* grid;
  const char* block;
  std::vector<std::pair<const char*, const char*>> mutants;
};

std::string contractOf(const Shape& shape) {
  return std::string(R"({ "contract": 1,
    "sizes": { "R": {"range": [1, 4000]}, "N": {"range": [1, 4000]}, "G": {"range": [1, 64]} },
    "tensors": { "y": {"dtype": "f32", "shape": ["R", "N"], "access": "write"},
                 "h": {"dtype": "i32", "shape": [8], "access": "read"} },
    "launches": [ {"kernel": "kernel", "args": ["y", "h", "R", "N"], "grid": [)") +
         shape.grid + "], \"block\": [" + shape.block + "]} ] }";
}

std::string sourceOf(const Shape& shape) {
  return std::string("__global__ void kernel(float* y, const int* h, int rows, int n) {\n"
                     "  int t = threadIdx.x, b = blockIdx.x, total = rows * n;\n  ") +
         shape.body + "\n}\n";
}

class Unwritten : public testing::TestWithParam<Shape> {};

TEST_P(Unwritten, IsProvedAndNoMutantIs) {
  const Shape& shape = GetParam();
  EXPECT_EQ(prove(sourceOf(shape), contractOf(shape))["output.unwritten"], "proved");
  for (const auto& [from, to] : shape.mutants)
    EXPECT_THAT(prove(mutate(sourceOf(shape), from, to), contractOf(shape))["output.unwritten"],
                testing::StartsWith("unknown"))
        << from << " -> " << to;
}

const Shape kShapes[] = {
    {"flat",
     "int i = b * 128 + t; if (i < total) y[i] = 1;",
     R"_("ceildiv(R*N, 128)")_",
     "128",
     {{"i < total", "i < total - 1"}, {"b * 128", "b * 256"}, {"if (i", "if (h[t & 7] == 0 && i"}}},
    {"grid_stride",
     "for (int i = b * 64 + t; i < total; i += gridDim.x * 64) y[i] = t;",
     R"_("G")_",
     "64",
     {{"i += gridDim.x * 64", "i += gridDim.x * 64 + 1"}, {"i < total", "i + 1 < total"}, {"+ t;", "+ t + 1;"}}},
    {"rows",
     "for (int c = t; c < n; c += 32) { y[b * n + c] = c; }",
     R"_("R")_",
     "32",
     {{"c += 32", "c += 64"},
      {"c = t", "c = t + 1"},
      {"y[b", "if (c == 5) break; y[b"},
      {"y[b", "if (h[c & 7]) continue; y[b"}}},
    {"warps",
     "int r = b * 4 + t / 32; if (r >= rows) return; for (int c = t % 32; c < n; c += 32) y[r * n + c] = c;",
     R"_("ceildiv(R, 4)")_",
     "128",
     {{"b * 4", "b * 3"}, {"t % 32", "t % 31"}, {"r >= rows", "r >= rows - 1"}}},
    {"tiles",
     "int c = blockIdx.y * 32 + t; if (b < rows && c < n) y[b * n + c] = 1;",
     R"_("R", "ceildiv(N, 32)")_",
     "32",
     {{"c < n", "c < n / 32 * 32"}, {"* 32 + t", "* 31 + t"}}},
    {"last_iteration",
     "for (int k = 0; k < n; ++k) if (k == n - 1) for (int c = t; c < n; c += 32) y[b * n + c] = k;",
     R"_("R")_",
     "32",
     {{"k == n - 1", "k == n"}, {"k < n;", "k < n - 1;"}}},
    {"either_way",
     "for (int c = t; c < n; c += 32) if (h[c & 7] > 0) y[b * n + c] = 1; else y[b * n + c] = 2;",
     R"_("R")_",
     "32",
     {{"else", "else if (c)"}}},
    {"one_thread",
     "if (t == 31) for (int c = 0; c < n; ++c) y[b * n + c] = 1;",
     R"_("R")_",
     "32",
     {{"t == 31", "t == 32"}, {"c = 0", "c = 1"}}},
    {"pairs",
     "for (int c = 2 * t; c < n; c += 64) { y[b * n + c] = 1; if (c + 1 < n) y[b * n + c + 1] = 2; }",
     R"_("R")_",
     "32",
     {{"if (c + 1 < n)", "if (c + 2 < n)"}, {"2 * t", "2 * t + 1"}}},
};

INSTANTIATE_TEST_SUITE_P(All, Unwritten, testing::ValuesIn(kShapes),
                         [](const auto& one) { return std::string(one.param.name); });

std::string twoLaunches(const std::string& first_end, const std::string& second_start) {
  std::string geometry = R"_("grid": ["ceildiv(N, 64)"], "block": [64])_";
  return R"({ "contract": 1, "sizes": { "N": {"range": [2, 4000]} },
    "tensors": { "y": {"dtype": "f32", "shape": ["N"], "access": "write"} },
    "launches": [ {"kernel": "part", "args": ["y", "0", ")" +
         first_end + "\"], " + geometry + R"(}, {"kernel": "part", "args": ["y", ")" + second_start + "\", \"N\"], " +
         geometry + "} ] }";
}

TEST(UnwrittenOutputs, MayBeWrittenByOneLaunchOrByTwoTogether) {
  const std::string part = "__global__ void part(float* y, int from, int to) {\n"
                           "  int i = from + blockIdx.x * 64 + threadIdx.x; if (i < to) y[i] = 1; }\n";
  EXPECT_EQ(prove(part, twoLaunches("N / 2", "N / 2"))["output.unwritten"], "proved");
  EXPECT_EQ(prove(part, twoLaunches("N", "N - 1"))["output.unwritten"], "proved");
  EXPECT_THAT(prove(part, twoLaunches("N / 2", "N / 2 + 1"))["output.unwritten"], testing::StartsWith("unknown"));
}

TEST(UnwrittenOutputs, ThatNoLaunchTouchesAreNotProved) {
  const char* contract = R"({ "contract": 1, "sizes": { "N": {"range": [1, 9]} },
    "tensors": { "y": {"dtype": "f32", "shape": ["N"], "access": "write"},
                 "z": {"dtype": "f32", "shape": ["N"], "access": "write"} },
    "launches": [ {"kernel": "one", "args": ["y", "N"], "grid": [1], "block": [32]} ] })";
  Results results =
      prove("__global__ void one(float* y, int n) { if (threadIdx.x < n) y[threadIdx.x] = 1; }", contract);
  EXPECT_THAT(results["output.unwritten"], testing::AllOf(testing::StartsWith("unknown"), testing::HasSubstr("'z'")));
}

TEST(UnwrittenOutputs, AnExchangeThatComparesMayStoreNothing) {
  const char* contract = R"({ "contract": 1, "sizes": { "N": {"range": [1, 9]} },
    "tensors": { "y": {"dtype": "i32", "shape": ["N"], "access": "write"} },
    "launches": [ {"kernel": "one", "args": ["y", "N"], "grid": [1], "block": [32]} ] })";
  const char* source = "__global__ void one(int* y, int n) { if (threadIdx.x < n) atomicCAS(y + threadIdx.x, 0, 1); }";
  EXPECT_THAT(prove(source, contract)["output.unwritten"], testing::StartsWith("unknown"));
}

} // namespace
} // namespace kverify::verifier::test
