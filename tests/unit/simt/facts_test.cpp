// What a run knows of a finding as numbers: threads, elements, barrier intervals, and who wrote what around it.
#include "kernel_runner.h"

namespace kverify::simt::test {
namespace {

/// Line 1 is the first after the parenthesis.
Finding findingOf(const std::string& source, std::vector<Buffer> buffers, Dim3 grid, Dim3 block, std::vector<ScalarArg> scalars = {},
                  std::uint32_t shared = 0) {
  Kernel kernel(source, {.always_precise = true});
  RunResult result = kernel.run(std::move(buffers), grid, block, std::move(scalars), shared);
  EXPECT_FALSE(result.findings.empty()) << "nothing was found";
  return result.findings.empty() ? Finding{} : result.findings[0];
}

std::int32_t writerAt(const Tile& tile, std::size_t cell) {
  std::int32_t writer = tile.writers.at(cell);
  return writer < 0 ? writer : static_cast<std::int32_t>(tile.threads.at(static_cast<std::size_t>(writer)).thread[0]);
}

TEST(Facts, OfARaceAreItsThreadsItsIntervalAndItsTile) {
  Finding race = findingOf(R"(__global__ void k(float* o) {
  __shared__ float s[40];
  int t = threadIdx.x;
  s[t] = 0;
  __syncthreads();
  s[t] = t;
  o[t] = s[(t + 1) % 40];
  __syncthreads();
  o[t] += s[t];
})",
                           {output("o", 40)}, {1}, {40});
  ASSERT_EQ(race.check, "race.shared-read-write");
  ASSERT_TRUE(race.facts.interval);
  EXPECT_EQ(race.facts.interval->number, 1u);
  ASSERT_TRUE(race.facts.interval->opened_by && race.facts.interval->closed_by);
  EXPECT_EQ(race.facts.interval->opened_by->line, 5u);
  EXPECT_EQ(race.facts.interval->closed_by->line, 8u);
  ASSERT_TRUE(race.facts.object);
  EXPECT_EQ(*race.facts.object, (MemoryObject{"s", MemorySpace::Shared, 160, 4, {40}}));
  ASSERT_EQ(race.locations.size(), 2u);
  for (const FindingLocation& location : race.locations) {
    ASSERT_TRUE(location.thread && location.access);
    EXPECT_EQ(location.access->interval, 1u);
    EXPECT_EQ(location.access->index.size(), 1u);
  }
  EXPECT_NE(race.locations[0].thread, race.locations[1].thread);
  EXPECT_EQ(race.locations[0].access->index, race.locations[1].access->index) << "both touch one element";
  ASSERT_TRUE(race.facts.launch);
  EXPECT_EQ(race.facts.launch->block.x, 40u);
  ASSERT_TRUE(race.facts.tile);
  const Tile& tile = *race.facts.tile;
  EXPECT_EQ(tile.rows, 2u);
  EXPECT_EQ(tile.columns, 32u);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(writerAt(tile, i), static_cast<std::int32_t>(i)) << "drawn when the interval is over, so that all have written";
    EXPECT_EQ(tile.intervals.at(i), 1);
    ASSERT_FALSE(tile.others.empty());
    ASSERT_GE(tile.others.at(i), 0) << "each element is read by its neighbour too";
    EXPECT_EQ(tile.threads.at(static_cast<std::size_t>(tile.others.at(i))).thread[0], (i + 39) % 40);
  }
  EXPECT_EQ(tile.writers.at(40), Tile::Outside);
}

TEST(Facts, TheLastIntervalOfABlockHasNoEnd) {
  Finding race = findingOf(R"(__global__ void k(float* o) {
  __shared__ float s;
  s = threadIdx.x;
  o[threadIdx.x] = 0;
})",
                           {output("o", 2)}, {1}, {2});
  ASSERT_EQ(race.check, "race.shared-write-write");
  ASSERT_TRUE(race.facts.interval);
  EXPECT_EQ(race.facts.interval->number, 0u);
  EXPECT_FALSE(race.facts.interval->opened_by);
  EXPECT_FALSE(race.facts.interval->closed_by);
}

TEST(Facts, BlocksHaveNoIntervalInCommon) {
  Finding race = findingOf(R"(__global__ void k(float* o) {
  o[threadIdx.x] = blockIdx.x;
})",
                           {output("o", 4)}, {3}, {4});
  ASSERT_EQ(race.check, "race.blocks-write-write");
  EXPECT_FALSE(race.facts.interval);
  EXPECT_NE(race.locations[0].thread->block, race.locations[1].thread->block);
  ASSERT_TRUE(race.facts.tile);
  EXPECT_EQ(race.facts.tile->threads.at(static_cast<std::size_t>(race.facts.tile->writers.at(0))).block[0], 2u)
      << "drawn when the launch is over: the last block wrote last";
}

TEST(Facts, OutOfBoundsSayByHowMuch) {
  Finding outside = findingOf(R"(__global__ void k(float* o) {
  __shared__ float s[4][5];
  s[threadIdx.x][0] = 1;
  o[threadIdx.x] = 0;
})",
                              {output("o", 8)}, {1}, {6});
  ASSERT_EQ(outside.check, "bounds.shared-write");
  ASSERT_TRUE(outside.facts.violation);
  EXPECT_EQ(outside.facts.violation->actual, 84);
  EXPECT_EQ(outside.facts.violation->allowed, 80);
  EXPECT_EQ(outside.facts.object->shape, (std::vector<std::int64_t>{4, 5}));
  EXPECT_EQ(outside.locations[0].access->offset, 80);
  EXPECT_TRUE(outside.locations[0].access->index.empty()) << "there is no such element";
  ASSERT_TRUE(outside.facts.tile);
  EXPECT_EQ(writerAt(*outside.facts.tile, 0), 0);
}

TEST(Facts, WhatWasNotWrittenShowsInTheTile) {
  Finding missing = findingOf(R"(__global__ void k(float* o) {
  if (threadIdx.x != 3) o[threadIdx.x] = 0;
})",
                              {output("o", 6)}, {1}, {6});
  ASSERT_EQ(missing.check, "output.unwritten");
  EXPECT_EQ(missing.facts.violation->actual, 1);
  const Tile& tile = *missing.facts.tile;
  EXPECT_EQ(tile.focus, std::pair(0u, 3u));
  EXPECT_EQ(writerAt(tile, 2), 2);
  EXPECT_EQ(writerAt(tile, 3), Tile::Nobody);
}

TEST(Facts, CarvedUpBytesAreDrawnAsWideAsTheAccess) {
  Finding race = findingOf(R"(__global__ void k(float* o) {
  extern __shared__ char raw[];
  float* s = (float*)(raw + 16);
  s[threadIdx.x] = 1;
  o[threadIdx.x] = s[threadIdx.x ^ 1];
})",
                           {output("o", 8)}, {1}, {8}, {}, 64);
  ASSERT_EQ(race.check, "race.shared-read-write");
  const Tile& tile = *race.facts.tile;
  EXPECT_EQ(tile.step * race.facts.object->element_bytes, 4u);
  EXPECT_EQ(writerAt(tile, 3), Tile::Nobody);
  EXPECT_EQ(writerAt(tile, 4), 0);
}

TEST(Facts, WritersOfBuffersAreKeptWhereAsked) {
  Kernel kernel(R"(__global__ void k(float* o) {
  if (threadIdx.x < 3) o[blockIdx.x * 4 + threadIdx.x] = 1;
})",
                {.always_precise = true});
  RunLimits limits;
  limits.keep_writers = true;
  RunResult result = kernel.run({floats("o", std::vector<float>(8), Access::ReadWrite)}, {2}, {4}, {}, 0, limits);
  ASSERT_EQ(result.writers.size(), 1u);
  ASSERT_EQ(result.writers[0].size(), 8u);
  EXPECT_EQ(result.writers[0][5].code, 0);
  EXPECT_EQ(result.writers[0][5].thread, (ThreadId{{1, 0, 0}, {1, 0, 0}}));
  EXPECT_EQ(result.writers[0][3].code, Tile::Host);
}

} // namespace
} // namespace kverify::simt::test
