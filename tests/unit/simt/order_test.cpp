// What orders two accesses and what does not: named barriers, fences with atomics, acquire and release, volatile.
#include "both_engines.h"

namespace kverify::simt::test {
namespace {

Checks found(const std::string& source, Launch launch) {
  return judge(source, std::move(launch)).checks;
}

const Checks kClean;
const Checks kShared{"race.shared-read-write"};
const Checks kBlocks{"race.blocks-read-write"};

TEST(NamedBarrier, HandsOverWhatWasDoneBeforeArriving) {
  EXPECT_EQ(found(R"(__global__ void k(int* o) {
    __shared__ int s[32];
    int t = threadIdx.x;
    if (t < 32) { s[t] = t; asm volatile("bar.arrive 1, 64;" ::: "memory"); }
    else { asm volatile("bar.sync 1, 64;" ::: "memory"); o[t - 32] = s[63 - t]; }
  })",
                  {{1}, {64}, {output("o", 32, DType::I32)}}),
            kClean);
}

TEST(NamedBarrier, DoesNotHandOverWhatComesAfterArriving) {
  EXPECT_EQ(found(R"(__global__ void k(int* o) {
    __shared__ int s[32];
    int t = threadIdx.x;
    if (t < 32) { s[t] = t; asm volatile("bar.arrive 1, 64;" ::: "memory"); s[t] = 7; }
    else { asm volatile("bar.sync 1, 64;" ::: "memory"); o[t - 32] = s[t - 32]; }
  })",
                  {{1}, {64}, {output("o", 32, DType::I32)}}),
            kShared);
}

constexpr const char* kBystanders = R"(__global__ void k(int* o) {
    __shared__ int s[32];
    int t = threadIdx.x;
    if (t < 32) { s[t] = t; asm volatile("bar.arrive 1, 64;" ::: "memory"); }
    else if (t < 64) { __syncwarp(); o[t] = BYSTANDER; __syncwarp(); }
    else { asm volatile("bar.sync 1, 64;" ::: "memory"); o[t - 64] = s[t - 64]; }
  })";

TEST(NamedBarrier, IsNotMetByAnotherMeeting) {
  std::string source = kBystanders;
  std::string good = source, bad = source;
  good.replace(good.find("BYSTANDER"), 9, "1");
  bad.replace(bad.find("BYSTANDER"), 9, "s[t - 32]");
  EXPECT_EQ(found(good, {{1}, {96}, {temporary("o", 64)}}), kClean);
  EXPECT_EQ(found(bad, {{1}, {96}, {temporary("o", 64)}}), kShared);
}

TEST(Fence, DoesNotCoverWhatComesAfterIt) {
  EXPECT_EQ(found(R"(__global__ void k(int* d, int* f, int* o) {
    if (blockIdx.x == 0) { __threadfence(); atomicAdd(f, 1); *d = 5; o[0] = 0; }
    else if (atomicAdd(f, 0) == 1) { __threadfence(); o[1] = *d; }
  })",
                  {{2}, {1}, {zeros("d", 1), zeros("f", 1), output("o", 2, DType::I32)}}),
            kBlocks);
}

// CUDA's threadFenceReduction: the last block adds up. FENCE and who fences vary.
std::string lastBlock(const std::string& before_ticket, const std::string& after_ticket) {
  return R"(__global__ void k(float* part, int* ticket, float* o) {
    __shared__ bool last;
    int t = threadIdx.x;
    part[blockIdx.x * 64 + t] = t;
    )" + before_ticket +
         R"(
    if (t == 0) last = atomicAdd(ticket, 1) == gridDim.x - 1;
    __syncthreads();
    if (last && t == 0) {
      )" +
         after_ticket + R"(
      float a = 0;
      for (int i = 0; i < 256; ++i) a += part[i];
      o[0] = a;
    }
  })";
}

Launch lastBlockLaunch() {
  return {{4}, {64}, {temporary("part", 256, DType::F32), zeros("ticket", 1), output("o", 1)}};
}

TEST(Fence, LastBlockReductionIsClean) {
  EXPECT_EQ(found(lastBlock("__syncthreads(); if (t == 0) __threadfence();", ""), lastBlockLaunch()), kClean);
  EXPECT_EQ(found(lastBlock("__threadfence(); __syncthreads();", "__threadfence();"), lastBlockLaunch()), kClean)
      << "every thread fences its own, then all meet, then one counts";
}

TEST(Fence, LastBlockReductionWithoutAFenceRaces) {
  EXPECT_EQ(found(lastBlock("__syncthreads();", "__threadfence();"), lastBlockLaunch()), kBlocks);
  EXPECT_EQ(found(lastBlock("if (t == 0) __threadfence(); __syncthreads();", "__threadfence();"), lastBlockLaunch()),
            kBlocks)
      << "a fence covers its own thread only, until others have met it";
  EXPECT_EQ(
      found(lastBlock("__syncthreads(); if (t == 0) __threadfence_block();", "__threadfence();"), lastBlockLaunch()),
      kBlocks)
      << "a fence of the block says nothing to other blocks";
}

std::string flag(const std::string& set, const std::string& wait) {
  return R"(__global__ void k(int* d, int* f, int* o) {
    int v = 0;
    if (blockIdx.x == 0) { *d = 5; )" +
         set + R"( o[0] = v; }
    else { do { )" +
         wait + R"( } while (v == 0); o[1] = *d; }
  })";
}

Launch flagLaunch() {
  return {{2}, {1}, {zeros("d", 1), zeros("f", 1), output("o", 2, DType::I32)}};
}

TEST(Acquire, TakesWhatAReleaseGave) {
  std::string release = R"(asm volatile("red.release.gpu.global.add.s32 [%0], 1;" :: "l"(f) : "memory");)";
  std::string acquire = R"(asm volatile("ld.acquire.gpu.global.s32 %0, [%1];" : "=r"(v) : "l"(f) : "memory");)";
  std::string relaxed_set = R"(asm volatile("red.relaxed.gpu.global.add.s32 [%0], 1;" :: "l"(f) : "memory");)";
  std::string relaxed_wait = R"(asm volatile("ld.relaxed.gpu.global.s32 %0, [%1];" : "=r"(v) : "l"(f) : "memory");)";
  EXPECT_EQ(found(flag(release, acquire), flagLaunch()), kClean);
  EXPECT_EQ(found(flag(relaxed_set, acquire), flagLaunch()), kBlocks);
  EXPECT_EQ(found(flag(release, relaxed_wait), flagLaunch()), kBlocks);
}

TEST(Volatile, IsARelaxedAtomicInGlobalMemory) {
  std::string fenced = "__threadfence(); *(volatile int*)f = 1;";
  EXPECT_EQ(found(flag(fenced, "v = *(volatile int*)f; __threadfence();"), flagLaunch()), kClean);
  EXPECT_EQ(found(flag("*(volatile int*)f = 1;", "v = *(volatile int*)f;"), flagLaunch()), kBlocks)
      << "the flag does not race, the data do";
  EXPECT_EQ(found(flag(fenced, "v = *f; __threadfence();"), flagLaunch()), kBlocks) << "a plain read of the flag";
}

TEST(Atomics, ALoadIsNoWriteAndAStoreIsNoRead) {
  EXPECT_EQ(found(R"(__global__ void k(const int* x, int* o) {
    int v;
    asm volatile("ld.relaxed.gpu.global.s32 %0, [%1];" : "=r"(v) : "l"(x + threadIdx.x) : "memory");
    asm volatile("st.relaxed.gpu.global.s32 [%0], %1;" :: "l"(o + threadIdx.x), "r"(v) : "memory");
  })",
                  {{1}, {32}, {zeros("x", 32, DType::I32, Access::Read), output("o", 32, DType::I32)}}),
            kClean);
}

TEST(Atomics, DoNotExcusePlainAccesses) {
  auto with = [](const char* statement) {
    return std::string("__global__ void k(int* x, int* o) { int t = threadIdx.x; ") + statement + " }";
  };
  Launch launch{{2}, {32}, {zeros("x", 1), temporary("o", 64)}};
  EXPECT_EQ(found(with("atomicAdd(x, 1); __syncthreads(); o[blockIdx.x * 32 + t] = x[0];"), launch), kBlocks);
  EXPECT_EQ(
      found(with("if (blockIdx.x == 0) atomicAdd(x, 1); __syncthreads(); if (blockIdx.x == 0) o[t] = x[0];"), launch),
      kClean);
  EXPECT_EQ(found(with("atomicAdd(x, 1); if (t == 0 && blockIdx.x == 0) o[0] = x[0];"), launch),
            (Checks{"race.global-read-write", "race.blocks-read-write"}));
}

TEST(Initialised, AWriteAfterAMeetingDoesNotExcuseTheRead) {
  EXPECT_EQ(found(R"(__global__ void k(int* o) {
    __shared__ int s[32];
    int t = threadIdx.x, v = s[t];
    __syncwarp();
    s[(t + 1) % 32] = v;
    __syncwarp();
    o[t] = s[t];
  })",
                  {{1}, {32}, {output("o", 32, DType::I32)}}),
            Checks{"init.shared-read"});
}

} // namespace
} // namespace kverify::simt::test
