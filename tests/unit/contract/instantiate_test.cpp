#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/instantiate.h"
#include "contract/operation.h"
#include "kverify/contract.h"
#include "sample.h"

namespace kverify::contract {
namespace {

using frontend::KernelInfo;
using frontend::KernelParam;
using kverify::testing::changed;
using kverify::testing::sampleKernel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Expected<LaunchPlan> planOf(const std::string& text, const Sizes& sizes, const InstantiateLimits& limits = {}) {
  auto contract = parseContract("c.json", text);
  if (!contract)
    return tl::unexpected<ToolError>(contract.error());
  const KernelInfo kernel = sampleKernel();
  return instantiate(*contract, std::span(&kernel, 1), sizes, limits);
}

std::string errorOf(const std::string& text, const Sizes& sizes, const InstantiateLimits& limits = {}) {
  auto plan = planOf(text, sizes, limits);
  return plan ? "no error" : plan.error().place + ": " + plan.error().message;
}

template <class T>
T scalar(const KernelArg& arg) {
  T result{};
  const auto& bytes = std::get<ScalarArg>(arg).bytes;
  EXPECT_EQ(bytes.size(), sizeof(T));
  std::memcpy(&result, bytes.data(), std::min(sizeof(T), bytes.size()));
  return result;
}

TEST(Instantiate, TheSample) {
  auto plan = planOf(kverify::testing::kSample, {{"N", 36}, {"D", 64}});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->sizes, ElementsAre(std::pair("N", 36), std::pair("D", 64), std::pair("T", 2)));
  ASSERT_EQ(plan->buffers.size(), 3u);
  EXPECT_THAT(plan->buffers[0].shape, ElementsAre(36, 64));
  EXPECT_THAT(plan->buffers[0].strides, ElementsAre(68, 1));
  EXPECT_EQ(plan->buffers[0].elements, 35 * 68 + 64) << "nothing is allocated after the last row";
  EXPECT_THAT(plan->buffers[1].strides, ElementsAre(64, 1)) << "contiguous by default";
  EXPECT_TRUE(plan->buffers[0].bytes.empty());
  ASSERT_EQ(plan->launches.size(), 1u);
  const KernelLaunch& launch = plan->launches[0];
  EXPECT_EQ(launch.kernel, "copy<64,true>") << "as the module names it";
  EXPECT_EQ(launch.grid, (Dim3{2, 2, 1}));
  EXPECT_EQ(launch.block, (Dim3{32, 1, 1}));
  EXPECT_EQ(launch.dynamic_shared_bytes, 256u);
  EXPECT_EQ(std::get<BufferArg>(launch.args[1]).buffer, 1u);
  EXPECT_EQ(std::get<BufferArg>(launch.args[1]).byte_offset, 64 * 4);
  EXPECT_EQ(scalar<std::int32_t>(launch.args[3]), 36);
  EXPECT_EQ(scalar<float>(launch.args[4]), 0.125f);
  EXPECT_EQ(scalar<std::uint64_t>(launch.args[5]), 0u) << "a null pointer";
}

TEST(Instantiate, RefusesSizesOutsideTheContract) {
  EXPECT_EQ(errorOf(kverify::testing::kSample, {{"N", 33}, {"D", 64}}),
            "c.json:18 (/requires/0): the requirement N % 4 == 0 or N < 4 does not hold at N=33 D=64 T=2");
  EXPECT_THAT(errorOf(kverify::testing::kSample, {{"N", 2000}, {"D", 64}}), HasSubstr("N = 2000 is outside"));
}

TEST(Instantiate, SaysHowMuchMemoryWasAskedFor) {
  auto plan = planOf(changed("[1, 1000]", "[1, 1000000000000]"), {{"N", 1000000000}, {"D", 64}});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::Limit);
  EXPECT_THAT(plan.error().message, HasSubstr("the tensors need 495.5 GiB at N=1000000000 D=64"));
  EXPECT_THAT(plan.error().message, HasSubstr("the limit is 4.0 GiB"));
  EXPECT_THAT(errorOf(changed("[1, 1000]", "[1, 1000000000000000000]"), {{"N", 1000000000000000000}, {"D", 64}}),
              HasSubstr("more than 2^63 elements"));
}

TEST(Instantiate, RefusesWhatCannotBeLaunched) {
  const Sizes sizes = {{"N", 4}, {"D", 32}};
  EXPECT_THAT(errorOf(changed("[\"T\", 2]", "[\"T-1\", 2]"), sizes), HasSubstr("grid.x = T-1 = 0 can't be launched"));
  EXPECT_THAT(errorOf(changed("\"4*D\"", "\"0-D\""), sizes), HasSubstr("shared = 0-D = -32 bytes can't be launched"));
  EXPECT_THAT(errorOf(changed("\"D+4\"", "\"0-D\""), sizes), HasSubstr("the stride 0-D = -32 is negative"));
  EXPECT_THAT(errorOf(changed("\"shape\": [\"N\"]", "\"shape\": [\"N-5\"]"), sizes),
              HasSubstr("the extent N-5 = -1 is negative"));
  EXPECT_THAT(errorOf(changed("\"offset\": \"D\"", "\"offset\": \"D*N+1\""), sizes),
              HasSubstr("the offset 129 is outside 'y' of 128 elements"));
  EXPECT_THAT(errorOf(changed("\"idx\", \"N\"", "\"idx\", \"N*1000000000\""), sizes),
              HasSubstr("N*1000000000 = 4000000000 does not fit i32"));
}

TEST(Instantiate, EmptyTensorsHaveNoElements) {
  auto plan = planOf(changed("\"shape\": [\"N\"]", "\"shape\": [\"N-4\"]"), {{"N", 4}, {"D", 32}});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->buffers[2].elements, 0);
}

TEST(Operation, ExtentsThatContradictEachOtherAreRefused) {
  const std::string text = R"({ "contract": 1, "spec": "attention.forward",
    "sizes": { "H": { "range": [1, 8] }, "Hk": { "range": [1, 8] }, "N": { "range": [1, 8] },
               "M": { "range": [1, 8] } },
    "tensors": {
      "Q": { "dtype": "f32", "shape": [2, "H", "N", 4], "access": "read" },
      "K": { "dtype": "f32", "shape": [2, "Hk", "N", 4], "access": "read" },
      "V": { "dtype": "f32", "shape": [2, "Hk", "M", 6], "access": "read" },
      "O": { "dtype": "f32", "shape": [2, "H", "N", 6], "access": "write" } },
    "launches": [ { "kernel": "k", "args": [], "grid": [1], "block": [1] } ] })";
  auto contract = parseContract("c.json", text);
  ASSERT_TRUE(contract) << contract.error().message;
  auto axes = axisExtents(*contract, {{"H", 4}, {"Hk", 2}, {"N", 5}, {"M", 5}});
  ASSERT_TRUE(axes) << axes.error().message;
  EXPECT_EQ(axes->at("dv"), 6);
  EXPECT_EQ(*realOption(*contract, {}, *axes, "scale"), 0.5);
  EXPECT_EQ(*choiceOption(*contract, {}, "causal"), "none");
  EXPECT_THAT(axisExtents(*contract, {{"H", 4}, {"Hk", 2}, {"N", 5}, {"M", 6}}).error().message,
              HasSubstr("the axis 'nk' (keys) is 5 in 'K' and 6 in 'V'"));
  EXPECT_THAT(axisExtents(*contract, {{"H", 4}, {"Hk", 3}, {"N", 5}, {"M", 5}}).error().message,
              HasSubstr("attention.forward requires h % hk == 0"));
}

TEST(Assume, EveryAssumptionIsSaid) {
  AssumeOptions options;
  options.grid = {2, 1, 1};
  options.block = {64, 1, 1};
  options.args = {{"n", "1000"}};
  auto assumed = assumePlan(sampleKernel(), options);
  ASSERT_TRUE(assumed) << assumed.error().message;
  ASSERT_EQ(assumed->plan.buffers.size(), 4u);
  EXPECT_EQ(assumed->plan.buffers[0].access, Access::Read);
  EXPECT_EQ(assumed->plan.buffers[1].access, Access::ReadWrite);
  EXPECT_EQ(assumed->plan.buffers[0].elements, 1 << 18);
  EXPECT_EQ(scalar<std::int32_t>(assumed->plan.launches[0].args[3]), 1000);
  EXPECT_EQ(scalar<float>(assumed->plan.launches[0].args[4]), 1.0f);
  ASSERT_EQ(assumed->assumptions.size(), 2u);
  EXPECT_EQ(assumed->assumptions[0],
            "x, y, idx, extra are distinct buffers of 1048576 bytes each, initialised, integers in them from [0, 64)");
  EXPECT_THAT(assumed->assumptions[1], HasSubstr("scale = 1"));
}

TEST(Instantiate, AStructIsItsBytesAndItsPointers) {
  auto contract = parseContract("c.json", kverify::testing::structSample());
  ASSERT_TRUE(contract) << contract.error().message;
  KernelInfo kernel = kverify::testing::structKernel();
  auto plan = instantiate(*contract, std::vector{kernel}, {{"N", 64}, {"D", 32}});
  ASSERT_TRUE(plan) << plan.error().message;
  const auto& all = std::get<StructArg>(plan->launches[0].args[1]);
  ASSERT_EQ(all.bytes.size(), 24u);
  EXPECT_EQ(all.bytes[8], 64) << "v.n";
  EXPECT_EQ(std::vector<std::uint8_t>(all.bytes.begin() + 16, all.bytes.begin() + 20),
            (std::vector<std::uint8_t>{0, 0, 0, 0x3f})) << "scale, 0.5f";
  ASSERT_EQ(all.pointers.size(), 1u);
  EXPECT_EQ(all.pointers[0].offset, 0u);
  EXPECT_EQ(plan->buffers[all.pointers[0].to.buffer].name, "y");
  EXPECT_EQ(all.pointers[0].to.byte_offset, 32 * 4);
}

TEST(Assume, AStructIsItsFields) {
  AssumeOptions options;
  options.args = {{"p.v.n", "7"}};
  auto assumed = assumePlan(kverify::testing::structKernel(), options);
  ASSERT_TRUE(assumed) << assumed.error().message;
  const auto& all = std::get<StructArg>(assumed->plan.launches[0].args[1]);
  EXPECT_EQ(all.bytes[8], 7);
  ASSERT_EQ(all.pointers.size(), 1u);
  EXPECT_EQ(assumed->plan.buffers[all.pointers[0].to.buffer].name, "p.v.y");
  EXPECT_EQ(assumed->plan.buffers.size(), 3u) << "x, p.v.y, idx: each its own";
  options.args = {{"p.v.m", "7"}};
  EXPECT_EQ(assumePlan(kverify::testing::structKernel(), options).error().hint, "did you mean 'p.v.n'?");
}

TEST(Assume, IntegersInStructsAreSizesOfAnyValue) {
  auto contract = assumedContract(kverify::testing::structKernel(), {});
  ASSERT_TRUE(contract) << contract.error().message;
  ASSERT_EQ(contract->sizes.size(), 1u);
  EXPECT_EQ(contract->sizes[0].name, "p.v.n");
  const auto& all = std::get<StructArgDecl>(contract->launches[0].args[1].value);
  ASSERT_EQ(all.fields.size(), 2u) << "the float is not followed";
  EXPECT_EQ(contract->tensors[std::get<TensorArgDecl>(all.fields[0].arg.value).tensor].name, "p.v.y");
}

TEST(Assume, RefusesWhatItCannotPass) {
  AssumeOptions options;
  options.args = {{"nn", "3"}};
  EXPECT_EQ(assumePlan(sampleKernel(), options).error().hint, "did you mean 'n'?");
  options.args = {{"n", "3000000000"}};
  EXPECT_THAT(assumePlan(sampleKernel(), options).error().message, HasSubstr("does not fit i32"));
  options.args = {{"n", "three"}};
  EXPECT_THAT(assumePlan(sampleKernel(), options).error().message, HasSubstr("unknown name 'three'"));
  KernelInfo kernel = sampleKernel();
  kernel.params[3] = kverify::testing::value("params", "Params", KernelParam::Kind::Struct, 24);
  EXPECT_THAT(assumePlan(kernel, {}).error().message, HasSubstr("'params' of copy<64,true> is a struct"));
}

} // namespace
} // namespace kverify::contract
