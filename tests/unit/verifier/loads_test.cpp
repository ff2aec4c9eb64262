// What threads know of each other's loads: one value from one place that nobody writes, and offsets that ascend.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

struct Change {
  const char* name;
  bool of_contract; ///< else of the source
  const char *from, *to;
};

std::string nameOf(const testing::TestParamInfo<Change>& one) {
  return one.param.name;
}

Results proveChanged(const std::string& source, const std::string& contract, const Change& change) {
  return change.of_contract ? prove(source, mutate(contract, change.from, change.to))
                            : prove(mutate(source, change.from, change.to), contract);
}

// As many rounds as the row's length says: the lanes of a warp agree, since all of them read the same number.
const std::string kRounds = R"(
__global__ void rounds(int* lengths, const int* table, const float* x, float* y, int* other) {
  int lane = threadIdx.x, row = blockIdx.x;
  int length = lengths[row];
  float sum = 0;
  for (int j = 0; j < length; ++j) { // rounds
    float v = x[j * 32 + lane];
    for (int step = 16; step > 0; step /= 2) v += __shfl_xor_sync(0xffffffff, v, step);
    sum += v;
  }
  y[row * 32 + lane] = sum; // done
})";

const std::string kRoundsContract = R"json({ "contract": 1, "sizes": { "R": {"range": [1, 1000]} },
  "tensors": { "lengths": {"dtype": "i32", "shape": ["R"], "access": "read", "holds": {"range": [0, 64]}},
               "table": {"dtype": "i32", "shape": ["R"], "access": "read", "holds": {"range": [0, "R-1"]}},
               "x": {"dtype": "f32", "shape": [64, 32], "access": "read"},
               "y": {"dtype": "f32", "shape": ["R", 32], "access": "write"},
               "other": {"dtype": "i32", "shape": ["R"], "access": "read_write"} },
  "launches": [ {"kernel": "rounds", "args": ["lengths", "table", "x", "y", "other"], "grid": ["R"], "block": [32]} ] })json";

TEST(CommonLoads, LanesThatReadOnePlaceAgree) {
  EXPECT_THAT(openOnes(prove(kRounds, kRoundsContract)), testing::IsEmpty());
}

TEST(CommonLoads, AgreeWithoutAWordOfTheContract) {
  Results results = prove(mutate(kRounds, "x[j * 32 + lane]", "x[lane] + j"),
                          mutate(kRoundsContract, R"(, "holds": {"range": [0, 64]})", ""));
  EXPECT_EQ(results["warp.divergent"], "proved");
}

const Change kStillOne[] = {
    {"ThroughATable", false, "lengths[row]", "lengths[table[row]]"},
    {"AskedForAgain", false, "j < length", "j < lengths[row]"},
    {"PlaceOfTheWarp", false, "lengths[row]", "lengths[row + lane / 32]"},
    {"AnotherTensorIsWritten", false, "y[row * 32 + lane] = sum; // done", "y[row * 32 + lane] = sum; other[row] = 1;"},
};
class OneLength : public testing::TestWithParam<Change> {};
TEST_P(OneLength, IsProved) {
  EXPECT_EQ(proveChanged(kRounds, kRoundsContract, GetParam())["warp.divergent"], "proved");
}
INSTANTIATE_TEST_SUITE_P(All, OneLength, testing::ValuesIn(kStillOne), nameOf);

const Change kNotOne[] = {
    {"PlaceOfTheLane", false, "lengths[row]", "lengths[(row + lane) % gridDim.x]"},
    {"PlaceOfHalfAWarp", false, "lengths[row]", "lengths[row > 0 ? row - lane / 16 : 0]"},
    {"TableOfTheLane", false, "lengths[row]", "lengths[table[(row + lane) % gridDim.x]]"},
    {"WrittenByALane", false, "int length", "if (lane == 31) lengths[row] = 3;\n  int length"},
    {"WrittenLater", false, "// done", "lengths[row] = 0;"},
    {"AddedTo", false, "int length = lengths[row]", "int length = atomicAdd(&lengths[row], 1)"},
    {"AddedToByAnother", false, "int length", "if (lane == 31) atomicAdd(&lengths[row], 1);\n  int length"},
    {"WrittenUnderAnotherName", true, R"("y", "other"])", R"("y", "lengths"])"},
    {"Volatile", false, "lengths[row]", "((const volatile int*)lengths)[row]"},
    {"BeyondTheEnd", false, "lengths[row]", "lengths[row + gridDim.x]"},
    {"BeforeTheBegin", false, "lengths[row]", "lengths[row - 1]"},
    {"OfSharedMemory", false, "int length = lengths[row];",
     "__shared__ int s[32]; s[lane] = lane; __syncwarp(); if (lane == 0) s[5] = 40; int length = s[5];"},
    {"HalfOfTheNumber", false, "lengths[row]", "((const short*)lengths)[2 * row + lane / 16]"},
    {"OnlyWhereALaneAsks", false, "lengths[row]", "lane < 20 ? lengths[row] : 4"},
};

/// Writes to `other`, which is `lengths` for one of the changes.
std::string withAnotherName(const Change& change) {
  bool by_name = std::string(change.name) == "WrittenUnderAnotherName";
  return by_name ? mutate(kRounds, "int length", "if (lane == 31) other[row] = 3;\n  int length") : kRounds;
}

class ManyLengths : public testing::TestWithParam<Change> {};
TEST_P(ManyLengths, AreNotProved) {
  EXPECT_THAT(proveChanged(withAnotherName(GetParam()), kRoundsContract, GetParam())["warp.divergent"],
              testing::StartsWith("unknown"))
      << "the lanes may read different numbers: unsound";
}
INSTANTIATE_TEST_SUITE_P(All, ManyLengths, testing::ValuesIn(kNotOne), nameOf);

TEST(CommonLoads, ThreadsOfABlockAgreeOnABarrier) {
  const std::string source = R"(
__global__ void rounds(const int* lengths, float* y) {
  __shared__ float s[64];
  int t = threadIdx.x;
  float sum = 0;
  for (int j = 0; j < lengths[blockIdx.x]; ++j) {
    s[t] = j;
    __syncthreads();
    sum += s[63 - t];
    __syncthreads();
  }
  y[blockIdx.x * 64 + t] = sum;
})";
  const std::string contract = R"json({ "contract": 1, "sizes": { "R": {"range": [1, 1000]} },
    "tensors": { "lengths": {"dtype": "i32", "shape": ["R"], "access": "read"},
                 "y": {"dtype": "f32", "shape": ["R", 64], "access": "write"} },
    "launches": [ {"kernel": "rounds", "args": ["lengths", "y"], "grid": ["R"], "block": [64]} ] })json";
  EXPECT_EQ(prove(source, contract)["barrier.divergent"], "proved");
  EXPECT_THAT(prove(mutate(source, "lengths[blockIdx.x]", "lengths[(blockIdx.x + t) % gridDim.x]"),
                    contract)["barrier.divergent"],
              testing::StartsWith("unknown"));
}

// Packed sequences, a block column each: nobody else writes what is between two offsets, and together they write all.
const std::string kPacked = R"(
__global__ void fill(int* offsets, float* y) {
  int s = blockIdx.y, first = offsets[s], n = offsets[s + 1] - first;
  int row = blockIdx.x * 64 + threadIdx.x;
  if (row >= n) return;
  y[(first + row) * 2] = s;
  y[(first + row) * 2 + 1] = row;
})";

const std::string kPackedContract = R"json({ "contract": 1,
  "sizes": { "T": {"range": [1, 5000]}, "S": {"range": [1, 60]} },
  "tensors": { "offsets": {"dtype": "i32", "shape": ["S+1"], "access": "read",
                           "holds": {"range": [0, "T"], "order": "nondecreasing", "first": 0, "last": "T"}},
               "y": {"dtype": "f32", "shape": ["T", 2], "access": "write"} },
  "launches": [ {"kernel": "fill", "args": ["offsets", "y"], "grid": ["ceildiv(T, 64)", "S"], "block": [64]} ] })json";

TEST(Packed, IsProved) {
  EXPECT_THAT(openOnes(prove(kPacked, kPackedContract)), testing::IsEmpty());
}

TEST(Packed, ByALoopOverEachSequence) {
  std::string source = mutate(kPacked, "int row = blockIdx.x * 64 + threadIdx.x;\n  if (row >= n) return;",
                              "for (int row = threadIdx.x; row < n; row += 64) {");
  source = mutate(source, "= row;", "= row; }");
  std::string contract = mutate(kPackedContract, R"_("ceildiv(T, 64)")_", "1");
  Results results = prove(source, contract);
  EXPECT_EQ(results["race.blocks-write-write"], "proved");
  EXPECT_EQ(results["output.unwritten"], "proved");
}

struct Twin {
  Change change;
  const char* open; ///< what must not be proved
};
const Twin kTwins[] = {
    {{"NoOrder", true, R"("order": "nondecreasing", )", ""}, "race.blocks-write-write"},
    {{"OneRowMore", false, "- first;", "- first + 1;"}, "race.blocks-write-write"},
    {{"TwoOffsetsOn", false, "offsets[s + 1]", "offsets[s + (s + 1 < gridDim.y ? 2 : 1)]"}, "race.blocks-write-write"},
    {{"FromTheFirstOffset", false, "y[(first + row)", "y[(offsets[0] + row)"}, "race.blocks-write-write"},
    {{"OneRowOn", false, "y[(first + row) * 2]", "y[(first + row + (s & 1)) * 2]"}, "race.blocks-write-write"},
    {{"OffsetsWritten", false, "int row =", "offsets[s] = 0; int row ="}, "race.blocks-write-write"},
    {{"OneRowLess", false, "row >= n)", "row >= n - 1)"}, "output.unwritten"},
    {{"NoLast", true, R"(, "last": "T")", ""}, "output.unwritten"},
    {{"LastTooSmall", true, R"("last": "T")", R"("last": "T-1")"}, "output.unwritten"},
    {{"NoFirst", true, R"("first": 0, )", ""}, "output.unwritten"},
    {{"FirstTooLarge", true, R"("first": 0)", R"_("first": "min(1, T)")_"}, "output.unwritten"},
    {{"ASequenceLess", true, R"("S"], "block")", R"_("max(S - 1, 1)"], "block")_"}, "output.unwritten"},
    {{"RowsTooFew", true, "ceildiv(T, 64)", "T / 64 + (T < 64)"}, "output.unwritten"},
    {{"TheFirstSequenceLeftOut", false, "row >= n)", "row >= n || s == 0)"}, "output.unwritten"},
    {{"OffsetsOfTheNextSequence", false, "offsets[s], n", "offsets[s + 1], n"}, "output.unwritten"},
    {{"VolatileOffsets", false, "first = offsets[s]", "first = ((volatile int*)offsets)[s]"}, "output.unwritten"},
    {{"OffsetsWrittenFirst", false, "int s", "offsets[0] = 0; int s"}, "output.unwritten"},
};
class BrokenPacked : public testing::TestWithParam<Twin> {};
TEST_P(BrokenPacked, IsNotProved) {
  EXPECT_THAT(proveChanged(kPacked, kPackedContract, GetParam().change)[GetParam().open],
              testing::StartsWith("unknown"))
      << "this kernel is broken and was proved: unsound";
}
INSTANTIATE_TEST_SUITE_P(All, BrokenPacked, testing::ValuesIn(kTwins),
                         [](const auto& one) { return std::string(one.param.change.name); });

} // namespace
} // namespace kverify::verifier::test
