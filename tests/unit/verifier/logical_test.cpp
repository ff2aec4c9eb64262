// bounds.logical-read: rows that are walked by a flat index. What a guard counts in whole rows is a tile of them; what
// it counts otherwise runs on into the next row.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

struct Walk {
  const char* name;
  const char* body; ///< of kernel(const float* x, float* y, int rows, int m); x is [H, R, 32], M a size of its own
  bool proved;
};

const std::string kContract = R"json({ "contract": 1,
  "sizes": { "H": {"range": [1, 8]}, "R": {"range": [1, 4000]}, "M": {"range": [1, 100]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["H", "R", 32], "access": "read"},
               "y": {"dtype": "f32", "shape": ["H"], "access": "write"} },
  "launches": [ {"kernel": "kernel", "args": ["x", "y", "R", "M"], "grid": ["H"], "block": [64]} ] })json";

std::string sourceOf(const Walk& walk) {
  return std::string("__global__ void kernel(const float* x, float* y, int rows, int m) {\n"
                     "  int t = threadIdx.x, head = blockIdx.x;\n  float sum = 0;\n  ") +
         walk.body + "\n  if (t == 0) y[head] = sum;\n}\n";
}

const Walk kWalks[] = {
    {"TilesOfRows",
     "for (int first = 0; first < rows; first += 16) { int keys = min(16, rows - first);\n"
     "    for (int i = t; i < keys * 32; i += 64) sum += x[(head * rows + first) * 32 + i]; }",
     true},
    {"TilesOfAnOddNumber",
     "for (int first = 0; first < rows; first += 15) { int keys = min(15, rows - first);\n"
     "    for (int i = t; i < keys * 32; i += 64) sum += x[(head * rows + first) * 32 + i]; }",
     true},
    {"TilesFromAnyRow",
     "for (int first = max(0, rows - m); first < rows; first += 16) { int keys = min(16, rows - first);\n"
     "    for (int i = t; i < keys * 32; i += 64) sum += x[(head * rows + first) * 32 + i]; }",
     true},
    {"TilesOfVectors",
     "for (int first = 0; first < rows; first += 16) { int keys = min(16, rows - first);\n"
     "    for (int i = t; i < keys * 8; i += 64)\n"
     "      sum += reinterpret_cast<const float4*>(x)[(head * rows + first) * 8 + i].x; }",
     true},
    {"RowsFromTheEnd",
     "for (int row = max(0, rows - m); row < rows; ++row) sum += x[(head * rows + row) * 32 + t % 32];", true},
    {"ARowByItsElements", "for (int e = t; e < 32; e += 64) sum += x[head * rows * 32 + e];", true},
    {"PastTheRow", "for (int e = t; e < 64; e += 64) sum += x[head * rows * 32 + (rows - 2) * 32 + e];", false},
    {"PastTheRowByALoop", "for (int e = 0; e < 64; ++e) sum += x[(head * rows + rows / 2) * 32 + e];", false},
    {"PastTheRowByAStride", "for (int e = t; e < 128; e += 32) sum += x[(head * rows + rows / 2) * 32 + e];", false},
    {"HalfARowMore",
     "for (int first = 0; first < rows; first += 16) { int keys = min(16, rows - first);\n"
     "    for (int i = t; i < keys * 32 + 16; i += 64) sum += x[(head * rows + first) * 32 + i]; }",
     false},
    {"ElementsTakenForRows",
     "for (int first = 0; first < rows; first += 15) { int keys = min(15, rows - first);\n"
     "    for (int i = t; i < keys * 16 + 16; i += 64) sum += x[(head * rows + first) * 32 + i]; }",
     false},
    {"IntoTheNextHead",
     "for (int first = 0; first < rows; first += 16)\n"
     "    for (int i = t; i < 16 * m * 32; i += 64) sum += x[(head * rows + first) * 32 + i];",
     false},
    {"TheRestByOneGuard",
     "for (int row = 0; row < rows; ++row) for (int e = t; e < 33; e += 64)\n"
     "    if (row * 32 + e < rows * 32) sum += x[head * rows * 32 + row * 32 + e];",
     false},
    {"TheRestCountedFromTheRow",
     "for (int row = 0; row < rows; ++row) for (int e = 0; e <= 32; ++e)\n"
     "    if (e < (rows - row) * 32) sum += x[head * rows * 32 + row * 32 + e];",
     false},
    {"StepsThatOverlap",
     "for (int first = 0; first < rows; first += 15) { int keys = min(15, rows - first);\n"
     "    for (int i = t; i < keys * 32; i += 32) sum += x[(head * rows + first) * 32 + i]; }",
     false},
    {"BeforeTheTile",
     "for (int first = 0; first < rows; first += 16) { int keys = min(16, rows - first);\n"
     "    for (int i = t - 1; i < keys * 32; i += 64) sum += x[(head * rows + first) * 32 + i]; }",
     false},
    {"RowsFromBeforeTheHead",
     "for (int row = rows - m; row < rows; ++row) sum += x[(head * rows + row) * 32 + t % 32];", false},
    {"RowsFromTheEndAndOneMore",
     "for (int row = max(0, rows - m); row < rows + 1; ++row) sum += x[(head * rows + row) * 32 + t % 32];", false},
    {"RowsBeyondTheHead",
     "for (int row = rows - 1; row < rows + 1; ++row) sum += x[(head * rows + row) * 32 + t % 32];", false},
};

class Walks : public testing::TestWithParam<Walk> {};

TEST_P(Walks, AreProvedWhereTheyStayInTheirRows) {
  Results results = prove(sourceOf(GetParam()), kContract);
  if (GetParam().proved) {
    EXPECT_EQ(results["bounds.logical-read"], "proved");
  } else {
    EXPECT_THAT(results["bounds.logical-read"], testing::StartsWith("unknown"))
        << "an index runs on into the next row, and this was proved: unsound";
  }
}

INSTANTIATE_TEST_SUITE_P(All, Walks, testing::ValuesIn(kWalks),
                         [](const auto& one) { return std::string(one.param.name); });

} // namespace
} // namespace kverify::verifier::test
