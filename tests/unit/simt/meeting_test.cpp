// Who meets whom: warp operations from several places, lanes that have exited, odd blocks, asynchronous copies.
#include "both_engines.h"

namespace kverify::simt::test {
namespace {

Checks found(const std::string& source, Launch launch) {
  return judge(source, std::move(launch)).checks;
}

const Checks kClean;

Launch out(std::uint32_t block, std::int64_t elements, std::uint32_t grid = 1) {
  return {{grid}, {block}, {output("o", elements, DType::I32)}};
}

TEST(Warp, LanesMayCallFromSeveralPlaces) {
  EXPECT_EQ(found(R"(__global__ void k(int* o) {
    __shared__ int s[32];
    int t = threadIdx.x, v;
    s[t] = t;
    if (t < 16) { __syncwarp(); v = s[t + 16]; } else { __syncwarp(); v = s[t - 16]; }
    if (t < 16) v += __shfl_xor_sync(~0u, t, 16); else v += __shfl_xor_sync(~0u, 2 * t, 16);
    o[t] = v;
  })",
                  out(32, 32)),
            kClean);
}

TEST(Warp, ButNotDifferentOperations) {
  EXPECT_EQ(found(R"(__global__ void k(int* o) {
    int t = threadIdx.x;
    o[t] = t < 16 ? __shfl_xor_sync(~0u, t, 1) : __shfl_up_sync(~0u, t, 1);
  })",
                  out(32, 32)),
            Checks{"warp.divergent"});
}

TEST(Warp, ExitedLanesAreNotWaitedFor) {
  EXPECT_EQ(found(R"(__global__ void k(int* o) {
    __shared__ int s[32];
    int t = threadIdx.x;
    if (t >= 20) return;
    s[t] = t;
    __syncwarp();
    o[t] = s[19 - t] + __any_sync(~0u, t == 3);
  })",
                  out(32, 20)),
            kClean);
}

TEST(Warp, AMaskOrdersOnlyItsLanes) {
  const char* kernel = R"(__global__ void k(int* o) {
    __shared__ int s[32];
    int t = threadIdx.x;
    s[t] = t;
    __syncwarp(t < 16 ? 0xffffu : 0xffff0000u);
    o[t] = s[t ^ DISTANCE];
  })";
  std::string near = kernel, far = kernel;
  near.replace(near.find("DISTANCE"), 8, "8");
  far.replace(far.find("DISTANCE"), 8, "16");
  EXPECT_EQ(found(near, out(32, 32)), kClean);
  EXPECT_EQ(found(far, out(32, 32)), Checks{"race.shared-read-write"});
}

TEST(Warp, ShufflesAndVotesOrderNothing) {
  EXPECT_EQ(found(R"(__global__ void k(int* o) {
    __shared__ int s[32];
    int t = threadIdx.x;
    s[t] = t;
    int v = __shfl_xor_sync(~0u, t, 1) + __all_sync(~0u, 1);
    o[t] = s[t ^ 1] + v;
  })",
                  out(32, 32)),
            Checks{"race.shared-read-write"});
}

TEST(Block, OddSizes) {
  const char* kernel = R"(__global__ void k(int* o) {
    __shared__ int s[1024];
    int t = threadIdx.x, n = blockDim.x;
    s[t] = t;
    __syncthreads();
    o[t] = s[n - 1 - t];
  })";
  for (std::uint32_t block : {1u, 31u, 33u, 1000u, 1024u})
    EXPECT_EQ(found(kernel, out(block, block)), kClean) << block;
}

TEST(Block, TheSameThreadOfAnotherBlockIsAnotherThread) {
  Launch launch{{2}, {32}, {temporary("x", 32), temporary("o", 64)}};
  EXPECT_EQ(found("__global__ void k(int* x, int* o) { x[threadIdx.x] = blockIdx.x; }", launch),
            Checks{"race.blocks-write-write"});
  EXPECT_EQ(found(R"(__global__ void k(int* x, int* o) {
    if (blockIdx.x == 0) x[threadIdx.x] = 1; else o[threadIdx.x] = x[threadIdx.x];
  })",
                  launch),
            Checks{"race.blocks-read-write"});
}

TEST(Block, WriteReadWriteOverIntervals) {
  const char* kernel = R"(__global__ void k(int* o) {
    __shared__ int s[1];
    int t = threadIdx.x;
    if (t == 0) s[0] = 1;
    __syncthreads();
    int v = t == 40 ? s[0] : 0;
    MIDDLE
    if (t == 0) s[0] = 2;
    __syncthreads();
    o[t] = v + s[0];
  })";
  std::string good = kernel, bad = kernel;
  good.replace(good.find("MIDDLE"), 6, "__syncthreads();");
  bad.replace(bad.find("MIDDLE"), 6, "");
  EXPECT_EQ(found(good, out(64, 64)), kClean);
  EXPECT_EQ(found(bad, out(64, 64)), Checks{"race.shared-read-write"});
}

TEST(Block, ReadersOfSeveralWarpsAreNotForgotten) {
  EXPECT_EQ(found(R"(__global__ void k(int* o) {
    __shared__ int s[1];
    int t = threadIdx.x, v = 0;
    if (t == 95) s[0] = 1;
    __syncthreads();
    if (t == 0 || t == 40 || t == 95) v = s[0];  // the writer reads last
    if (t == 95) s[0] = 2;
    o[t] = v;
  })",
                  out(96, 96)),
            Checks{"race.shared-read-write"});
}

constexpr const char* kCopy = R"(
__device__ void copy(void* to, const void* from) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" :: "r"((unsigned)__cvta_generic_to_shared(to)), "l"(from));
}
)";

TEST(AsyncCopy, SourceIsBeingReadUntilTheWait) {
  auto kernel = [](const char* before, const char* after) {
    return std::string(kCopy) + R"(__global__ void k(int* x, int* o) {
      __shared__ int s[4];
      int t = threadIdx.x;
      copy(&s[t], x + t);
      )" + before +
           R"(
      __syncthreads();
      x[(t + 1) % 4] = 9;
      )" + after +
           R"(
      o[t] = s[t];
    })";
  };
  Launch launch{{1}, {4}, {zeros("x", 4), output("o", 4, DType::I32)}};
  EXPECT_EQ(found(kernel(R"(asm volatile("cp.async.wait_all;");)", ""), launch), kClean);
  EXPECT_TRUE(found(kernel("", R"(asm volatile("cp.async.wait_all;");)"), launch).count("race.async-copy"));
}

TEST(AsyncCopy, WhatABlockLeavesInFlightIsNotTheNextBlocksData) {
  EXPECT_EQ(found(std::string(kCopy) + R"(__global__ void k(const int* x, int* o) {
    __shared__ int s[4];
    int t = threadIdx.x;
    if (blockIdx.x == 0) copy(&s[t], x + t);
    else o[t] = s[t];
  })",
                  {{2}, {4}, {zeros("x", 4, DType::I32, Access::Read), output("o", 4, DType::I32)}}),
            Checks{"init.shared-read"});
}

TEST(NamedBarrier, CountsWholeWarps) {
  const char* kernel = R"(__global__ void k(int* o) {
    __shared__ int s[48];
    int t = threadIdx.x;
    s[t] = t;
    asm volatile("bar.sync 1, 64;" ::: "memory");
    o[t] = s[47 - t];
  })";
  EXPECT_EQ(found(kernel, out(48, 48)), kClean) << "the second warp has 16 lanes";
}

TEST(NamedBarrier, WaitsForEverForThreadsThatDoNotExist) {
  EXPECT_EQ(found("__global__ void k(int* o) { o[threadIdx.x] = 1; asm volatile(\"bar.sync 1, 96;\"); }", out(64, 64)),
            Checks{"barrier.deadlock"});
}

TEST(Epochs, RunOutWithoutAnyoneNoticing) {
  // 1500 blocks of 400 barriers: the counter of barrier intervals is renumbered on the way.
  auto kernel = [](const char* last) {
    return std::string(R"(__global__ void k(int* g, int* o) {
      __shared__ int s[3];
      int t = threadIdx.x, b = blockIdx.x, v = 0;
      if (b < 1499) s[2] = 1;
      for (int i = 0; i < 200; ++i) { s[t] = i; __syncthreads(); v += s[1 - t]; __syncthreads(); }
      )") + last +
           " o[b * 2 + t] = v; }";
  };
  Launch launch{{1500}, {2}, {zeros("g", 1), output("o", 3000, DType::I32)}};
  std::string race = "if (t == 0 && (b == 0 || b == 1499)) g[0] = b;", uninitialised = "if (b == 1499) v += s[2];";
  EXPECT_TRUE(found(kernel(race.c_str()), launch).count("race.blocks-write-write"));
  EXPECT_TRUE(found(kernel(uninitialised.c_str()), launch).count("init.shared-read"));
}

std::string matrixLoad(const std::string& row, const std::string& before) {
  std::string load = R"(asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];" : "=r"(r) : "r"(a));)";
  return R"(__global__ void k(unsigned* o) {
    __shared__ __align__(16) unsigned short s[8 * 8];
    int t = threadIdx.x;
    s[t] = t, s[t + 32] = t;
    )" + before +
         R"(
    unsigned r, a = (unsigned)__cvta_generic_to_shared(s + )" +
         row + R"( * 8);
    )" + load +
         R"(
    o[t] = r;
  })";
}

TEST(Matrix, LoadsAreCheckedLikeReads) {
  EXPECT_EQ(found(matrixLoad("t % 8", "__syncwarp();"), out(32, 32)), kClean);
  EXPECT_EQ(found(matrixLoad("t % 8", ""), out(32, 32)), Checks{"race.shared-read-write"});
  EXPECT_EQ(found(matrixLoad("(t % 8 + 1)", "__syncwarp();"), out(32, 32)), Checks{"bounds.shared-read"});
}

} // namespace
} // namespace kverify::simt::test
