// Asynchronous copies: pipelines that are right are proved, and one change away from them nothing is.
#include "tests/unit/verifier/prover.h"

namespace kverify::verifier::test {
namespace {

const std::string kCopy = R"(
__device__ void copy16(void* to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"((unsigned)__cvta_generic_to_shared(to)), "l"(from)
               : "memory");
}
__device__ void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int n> __device__ void wait() { asm volatile("cp.async.wait_group %0;" ::"n"(n) : "memory"); }
)";

const std::string kStages = kCopy + R"(
__global__ void stages(const float4* x, float4* y, int tiles) {
  __shared__ float4 tile[3][128];
  int t = threadIdx.x;
  for (int s = 0; s < 2; ++s) {
    if (s < tiles)
      copy16(&tile[s][t], x + s * 128 + t);
    commit(); // of the start
  }
  float4 sum = {0, 0, 0, 0};
  for (int i = 0; i < tiles; ++i) {
    wait<1>();
    __syncthreads(); // arrived
    if (i + 2 < tiles)
      copy16(&tile[(i + 2) % 3][t], x + (i + 2) * 128 + t);
    commit(); // of the loop
    float4 other = tile[i % 3][127 - t];
    sum.x += other.x;
  }
  y[t] = sum;
})";
const std::string kStagesContract = R"json({ "contract": 1, "sizes": { "T": {"range": [1, 4096]} },
  "tensors": { "x": {"dtype": "f32", "shape": ["T", 512], "access": "read"},
               "y": {"dtype": "f32", "shape": [512], "access": "write"} },
  "launches": [ {"kernel": "stages", "args": ["x", "y", "T"], "grid": [1], "block": [128]} ] })json";

// The stage as a variable that wraps around; pointers carved out of dynamic shared memory.
const std::string kCarved = kCopy + R"(
__global__ void stages(const float4* x, float4* y, int tiles) {
  extern __shared__ float4 all[];
  int t = threadIdx.x, now = 0, next = 1;
  copy16(all + t, x + t);
  commit();
  float4 sum = {0, 0, 0, 0};
  for (int i = 0; i < tiles; ++i) {
    wait<0>();
    __syncthreads(); // arrived
    if (i + 1 < tiles)
      copy16(all + 128 * next + t, x + (i + 1) * 128 + t);
    commit();
    sum.x += all[128 * now + (t ^ 32)].x;
    now = next;
    next = next + 1 == 2 ? 0 : next + 1;
  }
  y[t] = sum;
})";
const std::string kCarvedContract =
    mutate(kStagesContract, R"("block": [128])", R"("block": [128], "shared": "2*128*16")");

// A thread waits for its own copies: no barrier is needed where nobody else reads them.
const std::string kOwn = kCopy + R"(
__global__ void stages(const float4* x, float4* y, int tiles) {
  __shared__ float4 tile[2][128];
  int t = threadIdx.x;
  float sum = 0;
  copy16(&tile[0][t], x + t);
  commit();
  for (int i = 0; i < tiles; ++i) {
    if (i + 1 < tiles)
      copy16(&tile[(i + 1) % 2][t], x + (i + 1) * 128 + t);
    commit();
    wait<1>();
    sum += tile[i % 2][t].x;
  }
  y[t].x = sum;
})";

void expectProved(const std::string& source, const std::string& contract) {
  Results results = prove(source, contract);
  EXPECT_THAT(openOnes(results, {"output.unwritten"}), testing::IsEmpty()) << "a correct kernel was not proved";
  EXPECT_EQ(results["race.async-copy"], "proved");
}

TEST(Async, ThreeStagesAreProved) {
  expectProved(kStages, kStagesContract);
}
TEST(Async, TwoCarvedStagesAreProved) {
  expectProved(kCarved, kCarvedContract);
}
TEST(Async, OnesOwnCopiesAreProved) {
  expectProved(kOwn, kStagesContract);
}

struct Broken {
  const char* name;
  const std::string* source;
  const std::string* contract;
  const char *from, *to;
};

const Broken kBroken[] = {
    {"NoWait", &kStages, &kStagesContract, "wait<1>();", ""},
    {"WaitForTooFew", &kStages, &kStagesContract, "wait<1>();", "wait<2>();"},
    {"NoBarrier", &kStages, &kStagesContract, "__syncthreads(); // arrived", ""},
    {"WaitAfterTheBarrier", &kStages, &kStagesContract, "wait<1>();\n    __syncthreads(); // arrived",
     "__syncthreads(); wait<1>();"},
    {"OverwritesWhatIsRead", &kStages, &kStagesContract, "tile[(i + 2) % 3]", "tile[i % 3]"},
    {"OneStageTooMany", &kStages, &kStagesContract, "tile[i % 3]", "tile[(i + 1) % 3]"},
    {"TwoStagesOnly", &kStages, &kStagesContract, "tile[(i + 2) % 3]", "tile[(i + 2) % 2]"},
    {"NoCommitInTheLoop", &kStages, &kStagesContract, "commit(); // of the loop", ""},
    {"NoCommitAtTheStart", &kStages, &kStagesContract, "commit(); // of the start", ""},
    {"CommitOnlyWhereCopied", &kStages, &kStagesContract, "    commit(); // of the loop",
     "    if (i + 2 < tiles) commit();"},
    {"CarvedTooClose", &kCarved, &kCarvedContract, "128 * next", "64 * next"},
    {"CarvedSameStage", &kCarved, &kCarvedContract, "128 * next", "128 * now"},
    {"CarvedNoWait", &kCarved, &kCarvedContract, "wait<0>();", ""},
    {"OwnWaitTooWeak", &kOwn, &kStagesContract, "wait<1>();", "wait<2>();"},
    {"OwnReadsANeighbour", &kOwn, &kStagesContract, "tile[i % 2][t]", "tile[i % 2][127 - t]"},
    {"OwnOverwritesInFlight", &kOwn, &kStagesContract, "wait<1>();", "tile[(i + 1) % 2][t].x = 0; wait<1>();"},
};

class BrokenAsync : public testing::TestWithParam<Broken> {};

TEST_P(BrokenAsync, IsNotProved) {
  const Broken& broken = GetParam();
  Results results = prove(mutate(*broken.source, broken.from, broken.to), *broken.contract);
  EXPECT_THAT(results["race.async-copy"], testing::StartsWith("unknown"))
      << "this kernel is broken and was proved: unsound";
}

INSTANTIATE_TEST_SUITE_P(All, BrokenAsync, testing::ValuesIn(kBroken),
                         [](const testing::TestParamInfo<Broken>& one) { return std::string(one.param.name); });

} // namespace
} // namespace kverify::verifier::test
