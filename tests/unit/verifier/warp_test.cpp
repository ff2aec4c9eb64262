// __syncwarp orders the lanes it names, where they meet at it; nothing else of a warp orders anything.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

std::string contractFor(const std::string& block) {
  return mutate(R"json({ "contract": 1, "sizes": { "N": {"range": [1, 4096]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["N", 128], "access": "read"},
               "y": {"dtype": "f32", "shape": ["N", 128], "access": "write"} },
  "launches": [ {"kernel": "sums", "args": ["x", "y"], "grid": ["N"], "block": [BLOCK]} ] })json",
                "BLOCK", block);
}
const std::string kContract = contractFor("128");

const std::string kTail = R"(
__global__ void sums(const float* x, float* y) {
  __shared__ float s[128];
  int t = threadIdx.x;
  s[t] = x[blockIdx.x * 128 + t];
  __syncthreads(); // filled
  if (t < 64) s[t] += s[t + 64];
  __syncthreads(); // one warp left
  if (t < 32) {
    s[t] += s[t + 32];
    __syncwarp(); // tail
    for (int half = 16; half > 0; half /= 2) {
      float other = t < half ? s[t + half] : 0;
      __syncwarp(); // read
      if (t < half) s[t] += other;
      __syncwarp(); // written
    }
  }
  if (t == 0) y[blockIdx.x * 128] = s[0];
})";

// Every warp on its own, over many rounds; the row's number is the warp's.
const std::string kRows = R"(
__global__ void sums(const float* x, float* y) {
  __shared__ float s[4][33];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  float sum = 0;
  for (int i = 0; i < 4; ++i) {
    s[warp][lane] = x[blockIdx.x * 128 + i * 32 + lane];
    __syncwarp(); // filled
    sum += s[warp][31 - lane];
    __syncwarp(); // read
  }
  y[blockIdx.x * 128 + threadIdx.x] = sum;
})";

// Half warps: each lane exchanges with one of its own half.
const std::string kHalves = R"(
__global__ void sums(const float* x, float* y) {
  __shared__ float s[128];
  int t = threadIdx.x, lane = t % 32;
  float v = x[blockIdx.x * 128 + t];
  s[t] = v;
  if (lane < 16) {
    __syncwarp(0x0000ffff);
    v += s[t ^ 1];
  } else {
    __syncwarp(0xffff0000);
    v += s[t ^ 2];
  }
  y[blockIdx.x * 128 + t] = v;
})";

// cp.async, waited for by each lane, shared within the warp.
const std::string kCopies = R"(
__global__ void sums(const float* x, float* y) {
  __shared__ float4 s[4][32];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"((unsigned)__cvta_generic_to_shared(&s[warp][lane])),
               "l"(x + blockIdx.x * 128 + lane * 4) : "memory");
  asm volatile("cp.async.wait_all;" ::: "memory");
  __syncwarp(); // arrived
  y[blockIdx.x * 128 + threadIdx.x] = s[warp][31 - lane].x;
})";

void expectProved(const std::string& source) {
  Results results = prove(source, kContract);
  EXPECT_THAT(openOnes(results, {"output.unwritten"}), testing::IsEmpty()) << "a correct kernel was not proved";
  EXPECT_EQ(results["race.shared-read-write"], "proved");
}

TEST(Warp, TheLastWarpOfATree) {
  expectProved(kTail);
}
TEST(Warp, RoundsOfEachWarp) {
  expectProved(kRows);
}
TEST(Warp, HalfWarps) {
  expectProved(kHalves);
}
TEST(Warp, CopiesOfEachWarp) {
  expectProved(kCopies);
}

struct Broken {
  const char* name;
  const std::string* source;
  const char *from, *to;
};

const Broken kBroken[] = {
    {"TailWithoutSync", &kTail, "__syncwarp(); // tail", ""},
    {"TailOfOneMore", &kTail, "if (t < half) s[t] += other;",
     "if (t <= half) s[t] += other;\n      if (t == 0) s[half] = 0;"},
    {"TailNotSyncedAfterWriting", &kTail, "__syncwarp(); // written", ""},
    {"TailOfTwoWarps", &kTail, "if (t < 32) {", "if (t < 64) {"},
    {"TailUnderADivergentGuard", &kTail, "if (t < half) s[t] += other;\n      __syncwarp(); // written",
     "if (t < half) { s[t] += other; __syncwarp(); }"},
    {"TailShuffled", &kTail, "__syncwarp(); // tail", "__shfl_sync(0xffffffff, t, 0);"},
    {"TailVoted", &kTail, "__syncwarp(); // tail", "__any_sync(0xffffffff, t);"},
    {"TailFenced", &kTail, "__syncwarp(); // tail", "__threadfence_block();"},
    {"TailMaskOfActiveLanes", &kTail, "__syncwarp(); // tail", "__syncwarp(__activemask());"},
    {"TailMaskTooSmall", &kTail, "__syncwarp(); // tail", "__syncwarp(0x0000ffff);"},
    {"RowsOfANeighbour", &kRows, "s[warp][31 - lane]", "s[warp ^ 1][31 - lane]"},
    {"RowsNotSyncedAfterReading", &kRows, "__syncwarp(); // read", ""},
    {"RowsNotSyncedAfterFilling", &kRows, "__syncwarp(); // filled", ""},
    {"RowsReadTooFar", &kRows, "s[warp][31 - lane]", "s[warp][33 - lane]"},
    {"HalvesAcross", &kHalves, "s[t ^ 1]", "s[t ^ 16]"},
    {"HalvesWrongMask", &kHalves, "0xffff0000", "0xff000000"},
    {"CopiesNotSynced", &kCopies, "__syncwarp(); // arrived", ""},
    {"CopiesOfANeighbour", &kCopies, "s[warp][31 - lane]", "s[warp ^ 1][31 - lane]"},
};

class BrokenWarp : public testing::TestWithParam<Broken> {};

TEST_P(BrokenWarp, IsNotProved) {
  const Broken& broken = GetParam();
  Results results = prove(mutate(*broken.source, broken.from, broken.to), kContract);
  EXPECT_THAT(results["race.shared-read-write"], testing::StartsWith("unknown"))
      << "this kernel is broken and was proved: unsound";
}

INSTANTIATE_TEST_SUITE_P(All, BrokenWarp, testing::ValuesIn(kBroken),
                         [](const testing::TestParamInfo<Broken>& one) { return std::string(one.param.name); });

TEST(BrokenWarp, AWarpThatEndsInTheMiddleOfARow) {
  // 96 threads in three rows of 32: two rows of 48 are not warps.
  std::string source = R"(
__global__ void sums(const float* x, float* y) {
  __shared__ float s[128];
  int t = threadIdx.y * blockDim.x + threadIdx.x, row = threadIdx.y;
  s[t] = x[t];
  __syncwarp();
  y[blockIdx.x * 128 + t] = s[row * blockDim.x + blockDim.x - 1 - threadIdx.x];
})";
  EXPECT_EQ(prove(source, contractFor("32, 3"))["race.shared-read-write"], "proved");
  EXPECT_THAT(prove(source, contractFor("48, 2"))["race.shared-read-write"], testing::StartsWith("unknown"));
}

} // namespace
} // namespace kverify::verifier::test
