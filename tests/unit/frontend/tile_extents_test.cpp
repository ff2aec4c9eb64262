#include <gmock/gmock.h>

#include "compile_helpers.h"
#include "frontend/tile_extents.h"

namespace kverify::frontend {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TileExtents, AreThoseOfSharedArraysAndOfLoopSteps) {
  auto module = compileText(R"(
__global__ void k(const float* x, float* y, int n) {
  __shared__ float tile[48][33];
  for (int i = threadIdx.x; i < n; i += 200) tile[i % 48][i % 33] = x[i];
  __syncthreads();
  for (int i = threadIdx.x; i < n; ++i) y[i] = tile[i % 48][i % 33];
}
)");
  ASSERT_TRUE(module) << explain(module);
  EXPECT_THAT(tileExtents(*module), ElementsAre(33, 48, 200)) << "a step of 1 is no tile, nor is a divisor";
}

TEST(TileExtents, OfAKernelWithoutTilesAreNone) {
  auto module = compileText("__global__ void k(float* y, int n) { if (threadIdx.x < n) y[threadIdx.x] = 100.0f; }");
  ASSERT_TRUE(module) << explain(module);
  EXPECT_THAT(tileExtents(*module), IsEmpty());
}

TEST(TileExtents, ATemplateArgumentIsSeen) {
  auto module = compileText(R"(
template <int B> __global__ void k(float* y, int n) {
  for (int i = 0; i < n; i += B) y[i] = 0.0f;
}
template __global__ void k<96>(float*, int);
)");
  ASSERT_TRUE(module) << explain(module);
  EXPECT_THAT(tileExtents(*module), Contains(96));
}

} // namespace
} // namespace kverify::frontend
