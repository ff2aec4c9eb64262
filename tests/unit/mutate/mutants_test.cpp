// Each operator changes one place, as it says, and leaves valid IR.
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "frontend/compile.h"
#include "fuzz/mutate/mutants.h"

namespace kverify::mutate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

frontend::DeviceModule compiled(const std::string& text) {
  frontend::CompileOptions options;
  options.headers = frontend::CudaHeaders::Builtin;
  auto module = frontend::compileSource("test.cu", text, options);
  EXPECT_TRUE(module) << module.error().message;
  return module ? std::move(*module) : frontend::DeviceModule{};
}

/// "line: change" of every mutant of this kind.
std::vector<std::string> changesOf(const std::string& text, Operator op) {
  auto mutants = Mutants::of(compiled(text), {{"/kverify/"}, {op}});
  EXPECT_TRUE(mutants);
  std::vector<std::string> changes;
  for (const Mutation& one : mutants->all()) {
    EXPECT_EQ(one.op, op);
    changes.push_back(std::to_string(one.where.line) + ": " + one.change);
  }
  return changes;
}

const char* const kEverything = R"(__global__ void k(const float* x, float* y, int n, int d, float scale) {
  __shared__ float tile[8][9];
  float sum = 0.0f;
  float top = -INFINITY;
  for (int i = threadIdx.x; i < n; i += 32) {
    int at = i * d + threadIdx.y;
    sum += x[at] * scale;
    top = fmaxf(top, x[i]);
  }
  tile[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  sum = sum * top + tile[0][1];
  sum += __shfl_xor_sync(0xffffffffu, sum, 16);
  asm volatile("cp.async.wait_group %0;" ::"n"(1));
  if (threadIdx.x >= 4)
    y[max(n, d)] = sum / top;
}
)";

TEST(Mutants, Barriers) {
  EXPECT_THAT(changesOf(kEverything, Operator::BarrierRemoved), ElementsAre("11: the barrier is gone"));
}

TEST(Mutants, Comparisons) {
  EXPECT_THAT(changesOf(kEverything, Operator::CompareWeakened),
              ElementsAre("5: `<` became `<=`", "15: `>=` became `>`"));
}

TEST(Mutants, Subscripts) {
  std::vector<std::string> changes = changesOf(kEverything, Operator::IndexShifted);
  EXPECT_THAT(changes, testing::IsSupersetOf({"7: the index is one more", "7: the index is one less",
                                              "10: the index is one more", "16: the index is one less"}));
  EXPECT_EQ(std::set<std::string>(changes.begin(), changes.end()).count("6: the index is one more"), 0u)
      << "a sum is no subscript";
}

TEST(Mutants, Strides) {
  EXPECT_THAT(changesOf(kEverything, Operator::StrideSwapped),
              ElementsAre("6: a * stride + b became b * stride + a", "10: the two subscripts changed places"));
}

TEST(Mutants, Factors) {
  EXPECT_THAT(changesOf(kEverything, Operator::RescaleDropped),
              ElementsAre("7: the scale is left out", "12: the accumulator is not rescaled",
                          "16: the division is left out"));
}

TEST(Mutants, Constants) {
  EXPECT_THAT(changesOf(kEverything, Operator::ConstantChanged),
              testing::IsSupersetOf({"3: 0 became 1", "4: -inf became 0", "5: 32 became 33", "13: 16 became 17",
                                     "15: 4 became 5"}));
}

TEST(Mutants, Accumulators) {
  EXPECT_THAT(changesOf(kEverything, Operator::AccumulatorNarrowed),
              ElementsAre("7: every partial sum is rounded to bfloat16", "12: every partial sum is rounded to bfloat16",
                          "13: every partial sum is rounded to bfloat16"));
}

TEST(Mutants, MasksAndConditions) {
  EXPECT_THAT(changesOf(kEverything, Operator::MaskInverted),
              ElementsAre("13: the lanes 0xffffffff became the others", "15: the condition became its opposite"));
}

TEST(Mutants, HalfAWidthThatADistanceStaysWithinIsNoMutant) {
  const char* const text = R"(__global__ void k(float* x) {
  float a = x[threadIdx.x];
  a += __shfl_xor_sync(0xffffffffu, a, 15);
  a += __shfl_xor_sync(0xffffffffu, a, 16);
  x[threadIdx.x] = a + __shfl_down_sync(0xffffffffu, a, 1);
})";
  EXPECT_THAT(changesOf(text, Operator::ShuffleWidth), ElementsAre("4: the width 32 became 16", "5: the width 32 became 16"))
      << "lane ^ 15 is in lane's own 16 lanes: the halved width asks the same ones";
}

TEST(Mutants, WarpsAndWaits) {
  EXPECT_THAT(changesOf(kEverything, Operator::ShuffleWidth), ElementsAre("13: the width 32 became 16"));
  EXPECT_THAT(changesOf(kEverything, Operator::WaitCount), ElementsAre("14: waits until 1 groups are left became 2"));
  EXPECT_THAT(changesOf(kEverything, Operator::MinMaxSwapped),
              ElementsAre("8: the maximum became the minimum", "16: the maximum became the minimum"));
}

TEST(Mutants, FirstValues) {
  EXPECT_THAT(changesOf(kEverything, Operator::InitRemoved),
              ElementsAre("3: the first value is not written", "4: the first value is not written"));
}

TEST(Mutants, EachIsValidAndUnlikeTheOriginalAndTheOthers) {
  frontend::DeviceModule module = compiled(kEverything);
  auto mutants = Mutants::of(module, {{"/kverify/"}, {}});
  ASSERT_TRUE(mutants);
  std::map<std::string, std::string> seen = {{module.bitcode, "the original"}};
  for (const Mutation& one : mutants->all()) {
    auto mutant = mutants->make(one.index);
    ASSERT_TRUE(mutant) << one.change << ": " << mutant.error().message;
    std::string name = std::to_string(one.where.line) + ": " + one.change;
    auto [other, is_new] = seen.emplace(mutant->bitcode, name);
    EXPECT_TRUE(is_new) << name << " is the same as " << other->second;
    EXPECT_TRUE(mutants->probe(one.index)) << one.change;
    EXPECT_EQ(one.where.file, "test.cu");
  }
  EXPECT_GE(seen.size(), 30u);
  EXPECT_FALSE(mutants->make(mutants->all().size()));
}

TEST(Mutants, TwiceTheSame) {
  frontend::DeviceModule module = compiled(kEverything);
  auto a = Mutants::of(module, {{"/kverify/"}, {}}), b = Mutants::of(module, {{"/kverify/"}, {}});
  ASSERT_EQ(a->all().size(), b->all().size());
  EXPECT_EQ(a->make(3)->bitcode, b->make(3)->bitcode);
}

TEST(Mutants, WhatAHeaderDoesIsNobodysMistake) {
  EXPECT_THAT(changesOf("__global__ void k(float* x) { *x = __expf(*x); }\n", Operator::ConstantChanged), IsEmpty());
}

/// The mutants of this kind that optimise to the code of the original.
std::vector<std::string> sameAs(const std::string& text, Operator op) {
  auto mutants = Mutants::of(compiled(text), {{"/kverify/"}, {op}});
  EXPECT_TRUE(mutants);
  std::vector<std::string> same;
  for (const Mutation& one : mutants->all())
    if (auto answer = mutants->sameCode(one.index); answer && *answer)
      same.push_back(std::to_string(one.where.line) + ": " + one.change);
  return same;
}

TEST(SameCode, AValueThatIsNeverReadNeedsNone) {
  const char* text = R"(__global__ void k(float* x, int n) {
  float a = 0.0f;
  a = x[0];
  float b = 0.0f;
  if (n > 3) b = x[1];
  x[2] = a + b;
}
)";
  EXPECT_THAT(sameAs(text, Operator::InitRemoved), ElementsAre("2: the first value is not written"))
      << "the second is read where n <= 3, whatever an optimiser makes of that";
}

TEST(SameCode, AComparisonThatCannotBeEqual) {
  const char* text = R"(__global__ void k(float* x, int n) {
  if (2 * n < 2 * n + 1) x[0] = 1.0f;
  if (n < 7) x[1] = 1.0f;
}
)";
  EXPECT_THAT(sameAs(text, Operator::CompareWeakened), testing::Each(HasSubstr("2: ")));
}

TEST(Difference, IsAskedWhereThereIsAValueToCompare) {
  frontend::DeviceModule module = compiled(kEverything);
  auto mutants = Mutants::of(module, {{"/kverify/"}, {}});
  ASSERT_TRUE(mutants);
  std::map<Operator, bool> compares;
  for (const Mutation& one : mutants->all()) {
    auto difference = mutants->difference(one.index);
    ASSERT_TRUE(difference) << one.change << ": " << difference.error().message;
    compares[one.op] |= difference->has_value();
    if (*difference) {
      EXPECT_NE((*difference)->bitcode, module.bitcode) << one.change;
    }
  }
  for (Operator op :
       {Operator::CompareWeakened, Operator::StrideSwapped, Operator::RescaleDropped, Operator::ConstantChanged,
        Operator::AccumulatorNarrowed, Operator::ShuffleWidth, Operator::MinMaxSwapped})
    EXPECT_TRUE(compares[op]) << nameOf(op);
  for (Operator op : {Operator::BarrierRemoved, Operator::IndexShifted, Operator::WaitCount, Operator::InitRemoved})
    EXPECT_FALSE(compares[op]) << nameOf(op) << " has no value, or one that is never the original's";
}

TEST(Claims, OfAllMutantsStandInOneModule) {
  frontend::DeviceModule module = compiled(kEverything);
  auto mutants = Mutants::of(module, {{"/kverify/"}, {}});
  ASSERT_TRUE(mutants);
  std::vector<std::size_t> all;
  for (const Mutation& one : mutants->all())
    all.push_back(one.index);
  auto claims = mutants->claims(all);
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_THAT(claims->bitcode, HasSubstr("__kv_assert"));
  EXPECT_FALSE(mutants->claims(std::vector<std::size_t>{all.size()}));
}

TEST(Operators, HaveNames) {
  for (std::size_t i = 0; i < kOperators; ++i)
    EXPECT_EQ(parseOperator(nameOf(static_cast<Operator>(i))), static_cast<Operator>(i));
  EXPECT_EQ(parseOperator("barrier"), std::nullopt);
}

} // namespace
} // namespace kverify::mutate
