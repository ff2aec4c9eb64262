// What a run covers: the ways out of branches, the trips of loops, and the lines that nobody reached.
#include "kernel_runner.h"

#include <set>

#include <gmock/gmock.h>

namespace kverify::simt::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class Covered {
public:
  explicit Covered(const std::string& source) : kernel_(source, {.coverage = true}) {
    auto map = kernel_.program().coverageMap();
    EXPECT_TRUE(map);
    map_ = **map;
    reached_.assign(map_.points, 0);
  }

  /// One launch of k(float* y, int n) on top of what was reached before.
  void run(int n, std::uint32_t threads = 1) {
    RunResult result = kernel_.run({output("y", 1024)}, {1}, {threads}, {scalar(n)});
    ASSERT_EQ(result.coverage.size(), map_.points) << result.reason;
    for (std::size_t i = 0; i < reached_.size(); ++i)
      reached_[i] |= result.coverage[i];
  }

  /// "3 true", by line.
  std::set<std::string> ways(bool reached) const {
    std::set<std::string> texts;
    for (const CoverageMap::Way& way : map_.ways)
      if (!way.ends_in_trap && (reached_[way.point] != 0) == reached)
        texts.insert(std::to_string(way.place.at(0).line) + " " + way.when);
    return texts;
  }

  std::vector<std::string> trips(unsigned line) const {
    std::vector<std::string> texts;
    for (const CoverageMap::Loop& loop : map_.loops)
      for (std::uint32_t i = 0; i < kTripClasses && loop.place.at(0).line == line; ++i)
        if (reached_[loop.first + i])
          texts.push_back(tripClassText(i));
    return texts;
  }

  std::set<unsigned> lines(bool reached) const {
    std::set<unsigned> ran, all;
    std::vector<bool> blocks = map_.blocksRun(reached_);
    for (std::size_t i = 0; i < blocks.size(); ++i)
      for (std::uint32_t place : map_.blocks[i].places) {
        all.insert(map_.places[place].at(0).line);
        if (blocks[i])
          ran.insert(map_.places[place].at(0).line);
      }
    if (reached)
      return ran;
    std::erase_if(all, [&](unsigned line) { return ran.contains(line); });
    return all;
  }

  const CoverageMap& map() const { return map_; }

private:
  Kernel kernel_;
  CoverageMap map_;
  std::vector<std::uint8_t> reached_;
};

constexpr const char* kStores = "\n  for (int i = 0; i < 1024; ++i) y[i] = 0.0f; /*every output is written*/\n";

TEST(Coverage, ABranchHasTwoWaysAndWhatTheyLeadToIsReachedOrNot) {
  Covered k(std::string("__global__ void k(float* y, int n) {") + kStores + R"(
    if (n > 3)
      y[0] = 1.0f;
    else if (n == 2)
      y[1] = 2.0f;
  })");
  k.run(7);
  EXPECT_THAT(k.ways(true), UnorderedElementsAre("4 true"));
  EXPECT_THAT(k.lines(false), UnorderedElementsAre(6u, 7u));
  k.run(1);
  EXPECT_THAT(k.ways(false), UnorderedElementsAre("6 true"));
  EXPECT_THAT(k.lines(false), UnorderedElementsAre(7u));
  k.run(2);
  EXPECT_THAT(k.ways(false), IsEmpty());
  EXPECT_THAT(k.lines(false), IsEmpty());
}

TEST(Coverage, AllThreadsCountTogether) {
  Covered k(std::string("__global__ void k(float* y, int n) {") + R"(
    y[threadIdx.x] = threadIdx.x % 2 ? 1.0f : 2.0f;
    for (int i = 32 + threadIdx.x; i < 1024; i += 32) y[i] = 0.0f;
    if (threadIdx.x == 31)
      y[threadIdx.x] += n;
  })");
  k.run(1, 32);
  EXPECT_THAT(k.ways(false), IsEmpty());
  EXPECT_THAT(k.lines(false), IsEmpty());
}

TEST(Coverage, LoopsHaveClassesOfTrips) {
  Covered k(std::string("__global__ void k(float* y, int n) {") + kStores + R"(
    for (int i = 0; i < n; ++i)
      y[i] += 1.0f;
    int left = n;
    do { y[left & 1] += 1.0f; } while (--left > 0);
  })");
  EXPECT_EQ(k.map().loops.size(), 2u) << "a loop whose trips are a constant says nothing";
  k.run(0);
  EXPECT_THAT(k.trips(4), ElementsAre("0"));
  EXPECT_THAT(k.trips(7), ElementsAre("1"));
  EXPECT_THAT(k.lines(false), UnorderedElementsAre(5u)) << "a body that never ran";
  k.run(1);
  EXPECT_THAT(k.trips(4), ElementsAre("1", "0"));
  EXPECT_THAT(k.lines(false), IsEmpty());
  for (int n : {2, 3, 4, 9})
    k.run(n);
  EXPECT_THAT(k.trips(4), ElementsAre("1", "2", "3-4", "9-16", "0"));
  EXPECT_THAT(k.trips(7), ElementsAre("1", "2", "3-4", "9-16"));
  EXPECT_THAT(k.ways(true), IsEmpty()) << "a loop's own branch is told by its trips";
}

TEST(Coverage, NestedLoopsBreaksAndReturns) {
  Covered k(std::string("__global__ void k(float* y, int n) {") + kStores + R"(
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < i; ++j) {
        if (j == 5)
          break;
        if (i == 9)
          return;
        y[i] += 1.0f;
      }
    }
    y[100] = 1.0f;
  })");
  k.run(3);
  EXPECT_THAT(k.trips(4), ElementsAre("3-4"));
  EXPECT_THAT(k.trips(5), ElementsAre("1", "2", "0"));
  EXPECT_THAT(k.ways(false), UnorderedElementsAre("6 true", "8 true"));
  EXPECT_THAT(k.lines(false), UnorderedElementsAre(7u, 9u));
  k.run(8);
  EXPECT_THAT(k.ways(false), UnorderedElementsAre("8 true"));
  k.run(10);
  EXPECT_THAT(k.ways(false), IsEmpty());
  EXPECT_THAT(k.trips(4), ElementsAre("3-4", "5-8", "9-16")) << "left by return in its tenth round";
}

TEST(Coverage, SwitchesHaveAWayForEachCase) {
  Covered k(std::string("__global__ void k(float* y, int n) {") + kStores + R"(
    switch (n) {
    case 1: y[1] = 1.0f; break;
    case 7: y[2] = 2.0f; break;
    default: y[3] = 3.0f;
    }
  })");
  k.run(7);
  EXPECT_THAT(k.ways(true), UnorderedElementsAre("4 case 7"));
  k.run(1);
  EXPECT_THAT(k.ways(false), UnorderedElementsAre("4 default"));
  EXPECT_THAT(k.lines(false), UnorderedElementsAre(7u, 8u)) << "with the end of the switch, which only falls out of it";
}

TEST(Coverage, WhatNoInputReachesAndTrapsAreNotAskedFor) {
  Covered k(std::string(R"(template <bool kAdd> __device__ void add(float* y, int n) {
    if (kAdd)
      y[n] += 1.0f;
  }
  __global__ void k(float* y, int n) {)") + kStores + R"(
    add<false>(y, n);
    if (n < 0)
      __trap();
  })");
  k.run(1);
  EXPECT_THAT(k.ways(false), IsEmpty()) << "the failing side of a check is nobody's aim";
  EXPECT_THAT(k.lines(false), Not(Contains(3u))) << "behind a constant condition";
}

TEST(Coverage, CopiesOfAnInlinedFunctionAreToldApart) {
  Covered k(std::string(R"(__device__ float part(int n) {
    if (n > 10)
      return 1.0f;
    return 2.0f;
  }
  __global__ void k(float* y, int n) {)") + kStores + R"(
    y[0] = part(n);
    y[1] = part(n - 100);
  })");
  EXPECT_EQ(k.map().ways.size(), 4u);
  k.run(11);
  EXPECT_THAT(k.ways(true), UnorderedElementsAre("2 true", "2 false")) << "one copy each";
  EXPECT_THAT(k.lines(false), IsEmpty());
}

TEST(Coverage, FunctionsThatAreCalledCount) {
  Covered k(std::string(R"(__device__ int fib(int n) {
    if (n < 2)
      return n;
    return fib(n - 1) + fib(n - 2);
  }
  __global__ void k(float* y, int n) {)") + kStores + R"(
    if (n > 0)
      y[0] = fib(n);
  })");
  k.run(0);
  EXPECT_THAT(k.lines(false), UnorderedElementsAre(2u, 3u, 4u, 5u, 10u));
  k.run(1);
  EXPECT_THAT(k.lines(false), UnorderedElementsAre(4u));
  k.run(5);
  EXPECT_THAT(k.lines(false), IsEmpty());
}

TEST(Coverage, ChangesNoResultAndIsNotThereUnlessAskedFor) {
  const std::string source = R"(__global__ void k(float* y, int n) {
    for (int i = threadIdx.x; i < 1024; i += blockDim.x)
      y[i] = i % 3 == 0 ? sinf(i) : i < n ? 1.0f : 2.0f;
  })";
  Kernel plain(source), covered(source, {.coverage = true});
  RunResult a = plain.run({output("y", 1024)}, {1}, {32}, {scalar(77)});
  RunResult b = covered.run({output("y", 1024)}, {1}, {32}, {scalar(77)});
  EXPECT_EQ(a.buffers, b.buffers);
  EXPECT_THAT(a.coverage, IsEmpty());
  EXPECT_THAT(b.coverage, Contains(1));
}

TEST(Coverage, OfARunThatIsExplainedIsNotLost) {
  Kernel kernel(R"(__global__ void k(float* y, int n) {
    if (n > 3)
      y[n] = 1.0f;
    y[0] = 2.0f;
  })", {.coverage = true});
  RunResult result = kernel.run({output("y", 4)}, {1}, {1}, {scalar(4)});
  ASSERT_THAT(result.findings, Not(IsEmpty())) << "the test needs a run that is looked at closely";
  EXPECT_TRUE(result.stats.precise);
  EXPECT_EQ(result.coverage.size(), (*kernel.program().coverageMap())->points);
  EXPECT_THAT(result.coverage, Contains(1));
}

TEST(TripClass, TextsAreRanges) {
  EXPECT_EQ(tripClassText(0), "1");
  EXPECT_EQ(tripClassText(1), "2");
  EXPECT_EQ(tripClassText(2), "3-4");
  EXPECT_EQ(tripClassText(6), "33-64");
  EXPECT_EQ(tripClassText(kTripClasses - 1), "0");
}

} // namespace
} // namespace kverify::simt::test
