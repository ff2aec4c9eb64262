// The parts of the timing stage that need no device: answers of baselines, shapes, the least work, the floor, the figures.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/timing/baseline_reply.h"
#include "bench/timing/render.h"
#include "bench/timing/shapes.h"
#include "contract/instantiate.h"

namespace kverify::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST(BaselineReply, HelloSaysWhoItIs) {
  auto name = readHello(R"({"format": "kverify.baseline/1", "name": "torch SDPA", "backend": "flash", "versions": {"torch": "2.11"}})");
  ASSERT_TRUE(name) << name.error().message;
  EXPECT_EQ(*name, "torch SDPA flash (torch 2.11)");
}

TEST(BaselineReply, WhatIsNotTheFormatIsOneSentence) {
  for (const char* line : {"", "hello", "[1]", "{}", R"({"format": "other/1", "name": "x"})", R"({"format": "kverify.baseline/1"})"}) {
    auto name = readHello(line);
    ASSERT_FALSE(name) << line;
    EXPECT_THAT(name.error().message, Not(testing::IsEmpty()));
  }
  auto refused = readHello(R"({"error": "PyTorch sees no GPU"})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Environment);
  EXPECT_THAT(refused.error().message, HasSubstr("PyTorch sees no GPU"));
}

TEST(BaselineReply, TimesMustBeTimes) {
  auto good = readTimes(R"({"ms": [0.5, 1]})", 2);
  ASSERT_TRUE(good);
  EXPECT_THAT(*good, ElementsAre(0.5, 1.0));
  for (const char* line : {R"({"ms": [0.5]})", R"({"ms": [0.5, 0]})", R"({"ms": [0.5, -1]})", R"({"ms": [0.5, "1"]})", R"({"ms": 0.5})",
                           R"({"ms": [0.5, null]})", R"({"ready": true})"})
    EXPECT_FALSE(readTimes(line, 2)) << line;
  EXPECT_FALSE(readReady(R"({"ready": false})"));
}

constexpr const char* kAttention = R"json({
  "contract": 1, "spec": "attention.forward",
  "sizes": { "B": { "range": [1, 8] }, "N": { "range": [1, 65536] }, "D": { "equals": "64" } },
  "tensors": {
    "q": { "dtype": "bf16", "shape": ["B", 16, "N", "D"], "access": "read", "role": "Q" },
    "k": { "dtype": "bf16", "shape": ["B", 16, "N", "D"], "access": "read", "role": "K" },
    "v": { "dtype": "bf16", "shape": ["B", 16, "N", "D"], "access": "read", "role": "V" },
    "o": { "dtype": "bf16", "shape": ["B", 16, "N", "D"], "access": "write", "role": "O" }
  },
  "options": { "causal": CAUSAL },
  "launches": [ { "kernel": "f", "args": [], "grid": [1], "block": [32] } ]
})json";

Contract attention(const std::string& causal) {
  std::string text = kAttention;
  text.replace(text.find("CAUSAL"), 6, causal);
  auto contract = parseContract("c.json", text);
  EXPECT_TRUE(contract) << contract.error().message;
  return *contract;
}

LaunchPlan planAt(const Contract& contract, std::int64_t b, std::int64_t n) {
  const frontend::KernelInfo kernels[] = {{.name = "f", .mangled = "f"}};
  auto plan = contract::instantiate(contract, kernels, {{"B", b}, {"N", n}});
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

TEST(Work, OfAttention) {
  Contract full = attention("false");
  Work work = workOf(full, planAt(full, 4, 1024));
  EXPECT_DOUBLE_EQ(work.flops, 4.0 * 4 * 16 * 1024 * 1024 * 64);
  EXPECT_DOUBLE_EQ(work.bytes, 4.0 * 4 * 16 * 1024 * 64 * 2);
  EXPECT_EQ(work.unit, "bf16");
  Contract causal = attention("true");
  EXPECT_DOUBLE_EQ(workOf(causal, planAt(causal, 4, 1024)).flops, 4.0 * 4 * 16 * (1024.0 * 1025 / 2) * 64);
}

TEST(Floor, TheLargerOfTheTwoTimes) {
  Peaks peaks{.bytes_per_s = 1e12, .flops_per_s = {{"bf16", 1e14}}};
  EXPECT_DOUBLE_EQ(floorMs(1e11, 1e6, "bf16", peaks), 1.0);
  EXPECT_DOUBLE_EQ(floorMs(1e6, 1e9, "bf16", peaks), 1.0);
  EXPECT_DOUBLE_EQ(floorMs(1e30, 1e9, "fp4", peaks), 1.0) << "an unknown unit has no floor";
}

TEST(Shapes, FromText) {
  Contract contract = attention("false");
  auto shape = parseShape("B=4,N=100", contract);
  ASSERT_TRUE(shape) << shape.error().message;
  EXPECT_EQ(shape->sizes.at("D"), 64);
  EXPECT_EQ(shape->text(), "B=4 N=100");
  for (const char* text : {"B=4", "B=9,N=3", "B=4,N=", "B=4,N=3x", "B=4,N=3,M=1", "=3", ""})
    EXPECT_FALSE(parseShape(text, contract)) << text;
}

TEST(Shapes, HeldBackOnesAreOthersAndRepeatable) {
  Contract contract = attention("false");
  std::vector<Shape> declared = {*parseShape("B=4,N=4096", contract), *parseShape("B=1,N=1024", contract)};
  auto held = heldBackFor(declared, contract, 7), again = heldBackFor(declared, contract, 7), other = heldBackFor(declared, contract, 8);
  ASSERT_THAT(held, SizeIs(2));
  EXPECT_EQ(held[0].sizes, again[0].sizes);
  EXPECT_NE(held[0].sizes, other[0].sizes);
  EXPECT_TRUE(held[0].held_back);
  EXPECT_EQ(held[0].sizes.at("B"), 4);
  EXPECT_EQ(held[0].sizes.at("N") % 2, 1);
  EXPECT_NEAR(static_cast<double>(held[0].sizes.at("N")), 4096, 0.41 * 4096);
}

TEST(Shapes, WithoutAnyTheLargestThatFit) {
  auto shapes = shapesOf(attention("false"), 1e8);
  ASSERT_THAT(shapes, SizeIs(1));
  EXPECT_EQ(shapes[0].sizes.at("B"), 8);
  EXPECT_EQ(shapes[0].sizes.at("N"), 1024);
  auto cheap = shapesOf(attention("false"), 1e8, 1e7);
  ASSERT_THAT(cheap, SizeIs(1));
  EXPECT_LT(cheap[0].sizes.at("N"), 1024) << "a reference of all results at N = 1024 costs more than 1e7 multiply-adds";
}

BenchReport sampleReport() {
  Contract contract = attention("false");
  BenchReport report{.kernel = "flash<64 & more>", .baseline = "torch SDPA flash"};
  report.device.name = "Fake H0";
  report.peaks = {.bytes_per_s = 4e12, .flops_per_s = {{"bf16", 8e14}}};
  for (auto [n, ms, baseline] : {std::tuple(1024, 0.07, 0.06), std::tuple(4096, 0.9, 0.95), std::tuple(16384, 15.0, 14.0)}) {
    ShapeReport shape;
    shape.shape = *parseShape("B=4,N=" + std::to_string(n), contract);
    shape.work = workOf(contract, planAt(contract, 4, n));
    shape.floor_ms = floorMs(shape.work.flops, shape.work.bytes, "bf16", report.peaks);
    shape.cold.ms = std::vector<double>(20, ms);
    shape.cold.summary = summarise(shape.cold.ms);
    shape.baseline_ms = std::vector<double>(20, baseline);
    shape.baseline = summarise(shape.baseline_ms);
    report.shapes.push_back(shape);
  }
  report.shapes.back().shape.held_back = true;
  return report;
}

TEST(Plots, HaveEveryShapeTheRoofAndTheBaseline) {
  BenchReport report = sampleReport();
  const std::string times = plotTimes(report), gaps = plotGaps(report);
  EXPECT_THAT(times, HasSubstr("floor (roof)"));
  EXPECT_THAT(times, HasSubstr(">4096<"));
  EXPECT_THAT(times, HasSubstr("&lt;64 &amp; more&gt;"));
  EXPECT_THAT(gaps, HasSubstr("B=4 N=16384"));
  EXPECT_THAT(gaps, HasSubstr(">1.06<"));
  EXPECT_THAT(times, Not(HasSubstr("nan")));
  report.shapes.clear();
  EXPECT_EQ(plotTimes(report), "");
  EXPECT_EQ(plotGaps(report), "");
}

TEST(Report, WhatTheCacheHoldsMayBeFasterThanMemory) {
  ShapeReport shape = sampleReport().shapes[1];
  shape.hot.summary = shape.cold.summary;
  shape.hot.summary.median = shape.floor_ms * 0.3;
  shape.hot_floor_ms = 0; // all of it fits
  EXPECT_FALSE(shape.impossible());
  shape.hot_floor_ms = shape.floor_ms;
  EXPECT_TRUE(shape.impossible());
}

TEST(Report, AnImpossibleTimeIsOneUnderNineTenthsOfTheFloor) {
  ShapeReport shape = sampleReport().shapes[1];
  EXPECT_FALSE(shape.impossible());
  shape.cold.summary.median = shape.floor_ms * 0.95;
  EXPECT_FALSE(shape.impossible()) << "the peaks have errors of their own";
  shape.cold.summary.median = shape.floor_ms * 0.85;
  EXPECT_TRUE(shape.impossible());
}

} // namespace
} // namespace kverify::bench
