// The executor runs plain kernels exactly: indexing, barriers, shared and local memory, loops, calls.
#include "kernel_runner.h"

#include <cmath>

#include <gmock/gmock.h>

namespace kverify::simt::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<float> iota(int count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    values[static_cast<std::size_t>(i)] = static_cast<float>(i);
  return values;
}

TEST(Executor, RunsEveryThreadOfA3dLaunch) {
  Kernel kernel(R"(__global__ void k(int* out) {
    int t = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    int b = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    out[b * blockDim.x * blockDim.y * blockDim.z + t] = b * 1000 + t;
  })");
  RunResult result = kernel.run({output("out", 8 * 24, DType::I32)}, {2, 2, 2}, {2, 3, 4});
  ASSERT_EQ(result.status, RunStatus::Completed) << result.reason;
  EXPECT_THAT(checksOf(result), IsEmpty());
  auto values = contents<int>(result, 0);
  for (int i = 0; i < 8 * 24; ++i)
    ASSERT_EQ(values[static_cast<std::size_t>(i)], i / 24 * 1000 + i % 24);
}

TEST(Executor, ReducesThroughSharedMemoryWithBarriers) {
  Kernel kernel(R"(__global__ void k(const float* x, float* y, int n) {
    __shared__ float red[128];
    int t = threadIdx.x;
    float sum = 0.f;
    for (int j = t; j < n; j += blockDim.x) sum += x[blockIdx.x * n + j];
    red[t] = sum;
    __syncthreads();
    for (int k = 64; k > 0; k >>= 1) {
      if (t < k) red[t] += red[t + k];
      __syncthreads();
    }
    if (t == 0) y[blockIdx.x] = red[0];
  })");
  RunResult result = kernel.run({floats("x", iota(3 * 300)), output("y", 3)}, {3}, {128}, {scalar(300)});
  ASSERT_EQ(result.status, RunStatus::Completed) << result.reason;
  EXPECT_THAT(checksOf(result), IsEmpty());
  EXPECT_FALSE(result.stats.precise) << "a clean kernel must not need the precise engine";
  EXPECT_THAT(contents<float>(result, 1), ElementsAre(44850.f, 134850.f, 224850.f));
}

TEST(Executor, FindsADroppedBarrier) {
  Kernel kernel(R"(__global__ void k(const float* x, float* y) {
    __shared__ float tile[64];
    tile[threadIdx.x] = x[threadIdx.x];
    y[threadIdx.x] = tile[63 - threadIdx.x];
  })");
  RunResult result = kernel.run({floats("x", iota(64)), output("y", 64)}, {1}, {64});
  ASSERT_FALSE(result.findings.empty());
  const Finding& finding = result.findings[0];
  EXPECT_TRUE(finding.check == "race.shared-read-write" || finding.check == "init.shared-read") << finding.message;
  ASSERT_FALSE(finding.locations.empty());
  ASSERT_FALSE(finding.locations[0].stack.empty());
}

TEST(Executor, FindsAReadPastTheEnd) {
  Kernel kernel(R"(__global__ void k(const float* x, float* y) {
    y[threadIdx.x] = x[threadIdx.x + 1];
  })");
  RunResult result = kernel.run({floats("x", iota(32)), output("y", 32)}, {1}, {32});
  ASSERT_EQ(result.status, RunStatus::Faulted);
  ASSERT_THAT(checksOf(result), ElementsAre("bounds.global-read"));
  EXPECT_THAT(result.findings[0].message, ::testing::HasSubstr("0 bytes past the end of x (128 bytes)"));
  EXPECT_EQ(result.findings[0].locations[0].stack[0].line, 2u);
}

TEST(Executor, KeepsLocalArrays) {
  Kernel kernel(R"(__global__ void k(float* y, int n) {
    float acc[16];
    for (int i = 0; i < n; ++i) acc[i] = i * threadIdx.x;
    float s = 0.f;
    for (int i = 0; i < n; ++i) s += acc[i];
    y[threadIdx.x] = s;
  })");
  RunResult good = kernel.run({output("y", 8)}, {1}, {8}, {scalar(16)});
  EXPECT_THAT(checksOf(good), IsEmpty());
  EXPECT_EQ(contents<float>(good, 0)[3], 360.f);
  RunResult bad = kernel.run({output("y", 8)}, {1}, {8}, {scalar(17)});
  EXPECT_THAT(checksOf(bad), ElementsAre("bounds.local"));
}

TEST(Executor, ShufflesAndMathematics) {
  Kernel kernel(R"(__global__ void k(const float* x, float* y) {
    float v = x[threadIdx.x];
    for (int d = 16; d > 0; d >>= 1) v += __shfl_xor_sync(0xffffffffu, v, d);
    y[threadIdx.x] = expf(v * 0.001f);
  })");
  RunResult result = kernel.run({floats("x", iota(32)), output("y", 32)}, {1}, {32});
  ASSERT_EQ(result.status, RunStatus::Completed) << result.reason;
  EXPECT_THAT(checksOf(result), IsEmpty());
  for (float value : contents<float>(result, 1))
    EXPECT_FLOAT_EQ(value, std::exp(0.496f));
}

// Values as an H200 gave them.
TEST(Executor, CastsWhatFitsNoIntegerAsTheHardwareDoes) {
  Kernel kernel(R"(__global__ void k(const float* x, long long* o) {
    double d = x[0];
    o[0] = (int)x[0], o[1] = (unsigned)x[0], o[2] = (long long)x[0], o[3] = (unsigned long long)x[0];
    o[4] = (int)d, o[5] = (unsigned)d, o[6] = (long long)d, o[7] = (int)x[1], o[8] = (long long)x[1];
  })");
  RunResult result = kernel.run({floats("x", {NAN, INFINITY}), output("o", 9, DType::I64)}, {1}, {1});
  ASSERT_EQ(result.status, RunStatus::Completed) << result.reason;
  EXPECT_THAT(contents<std::int64_t>(result, 1),
              ElementsAre(0, 0, INT64_MIN, INT64_MIN, INT32_MIN, 0x80000000ll, INT64_MIN, INT32_MAX, INT64_MAX));
}

TEST(Executor, FindsAnUninitialisedVariableThatMatters) {
  Kernel kernel(R"(__global__ void k(const float* x, float* y, int n) {
    float scale;
    if (threadIdx.x < n) scale = 2.f;
    y[threadIdx.x] = x[threadIdx.x] * scale;
  })");
  RunResult bad = kernel.run({floats("x", iota(32)), output("y", 32)}, {1}, {32}, {scalar(31)});
  ASSERT_THAT(checksOf(bad), ElementsAre("init.local-read"));
  EXPECT_THAT(bad.findings[0].message, ::testing::HasSubstr("variable scale"));
  EXPECT_EQ(bad.findings[0].locations[0].stack[0].line, 2u);
  RunResult good = kernel.run({floats("x", iota(32)), output("y", 32)}, {1}, {32}, {scalar(32)});
  EXPECT_THAT(checksOf(good), IsEmpty());
}

TEST(Executor, LetsAnUninitialisedVariablePassThatIsNeverUsed) {
  Kernel kernel(R"(__global__ void k(const float* x, float* y, int n) {
    float value;
    if (threadIdx.x < n) value = x[threadIdx.x];
    y[threadIdx.x] = threadIdx.x < n ? value : 0.f;
  })");
  RunResult result = kernel.run({floats("x", iota(32)), output("y", 32)}, {1}, {32}, {scalar(7)});
  EXPECT_THAT(checksOf(result), IsEmpty());
}

} // namespace
} // namespace kverify::simt::test
