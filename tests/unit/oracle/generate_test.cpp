// Cases and contents: what they cover, what they keep, and that a seed means the same bytes for ever.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.h"
#include "fuzz/generate/families.h"
#include "fuzz/generate/holds.h"
#include "fuzz/generate/sizes.h"
#include "fuzz/generate/vary.h"
#include "simulated_kernels.h"

namespace kverify::generate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Contract contractOf(const std::string& text) {
  auto contract = parseContract("c.json", text);
  EXPECT_TRUE(contract) << contract.error().place << contract.error().message;
  return contract.value_or(Contract{});
}

Contract copyContract(const std::string& sizes, const std::string& requirements = "") {
  return contractOf(R"({ "contract": 1, "sizes": { )" + sizes + R"json( }, "tensors": {
    "x": { "dtype": "f32", "shape": ["N"], "access": "read" },
    "y": { "dtype": "f32", "shape": ["N"], "access": "write" } },
    "launches": [ { "kernel": "k", "args": ["x", "y"], "grid": ["ceildiv(N, 32)"], "block": [32] } ],
    "requires": [ )json" +
                    requirements + " ] }");
}

std::set<std::int64_t> valuesOf(const CaseSet& set, const std::string& name) {
  std::set<std::int64_t> values;
  for (const Case& one : set.cases)
    values.insert(one.sizes.at(name));
  return values;
}

TEST(Random, IsTheSameEverywhere) {
  Random random(42);
  EXPECT_EQ(random.bits(), Random(42).bits());
  // Golden numbers: a change here makes every stored replay file mean something else.
  EXPECT_EQ(mix(0), 0xe220a8397b1dcdafu) << "SplitMix64's published first output for seed 0";
  double sum = 0, squares = 0;
  for (int i = 0; i < 100000; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 100000, 0, 0.02);
  EXPECT_NEAR(squares / 100000, 1, 0.02);
}

Contract softmaxContract() {
  return contractOf(R"({ "contract": 1, "spec": "softmax",
    "sizes": { "R": { "range": [1, 100] }, "N": { "range": [1, 5000] } },
    "tensors": { "x": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },
                 "y": { "dtype": "f32", "shape": ["R", "N"], "access": "write" } },
    "launches": [ { "kernel": "k", "args": ["x", "y", "N"], "grid": ["R"], "block": [128] } ] })");
}

TEST(Cases, ARowJustPastATileHasASpikeAtItsEnd) {
  for (std::uint64_t seed : {1, 2, 3}) {
    CaseBudget budget;
    budget.tiles = {32, 128};
    auto set = makeCases(softmaxContract(), seed, budget);
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_LE(set->cases.size(), budget.cases);
    for (std::int64_t length : {33, 129})
      EXPECT_TRUE(std::any_of(set->cases.begin(), set->cases.end(),
                              [&](const Case& one) { return one.sizes.at("N") == length && one.family == "spike"; }))
          << "N = " << length << ", seed " << seed;
  }
}

TEST(Values, SpikesOverflowAnExponentialThatTheMaximumMisses) {
  const Contract contract = softmaxContract();
  const TensorContext x = describeTensor(contract, contract.tensors[0], {{"rows", 4}, {"n", 129}}, Family::Spike, 1);
  Random random(1);
  for (std::int64_t row = 0; row < 4; ++row)
    for (std::int64_t column = 0; column < 129; ++column) {
      const double value = drawElement(x, {row, column}, 1, random);
      const bool is_spike = column == (row % 2 == 0 ? 128 : 0);
      EXPECT_EQ(value > 100, is_spike) << value << " at [" << row << ", " << column << "]";
    }
}

TEST(Cases, CoverEdgesAndTriedValues) {
  Contract contract = copyContract(R"("N": { "range": [1, 1000], "try": [32, 33, 500] })");
  auto set = makeCases(contract, 1);
  ASSERT_TRUE(set) << set.error().message;
  const auto values = valuesOf(*set, "N");
  for (std::int64_t value : {1, 2, 32, 33, 500, 999, 1000})
    EXPECT_THAT(values, Contains(value));
  EXPECT_THAT(set->uncovered, IsEmpty());
  EXPECT_LE(set->cases.size(), CaseBudget{}.cases);
  EXPECT_GE(set->cases.size(), 24u);
  EXPECT_TRUE(std::is_sorted(set->cases.begin(), set->cases.end(), [](auto& a, auto& b) { return a.work < b.work; }));
  EXPECT_THAT(set->scope, HasSubstr("N at "));
}

TEST(Cases, LieNextToTheTilesOfTheKernelWhateverTheAuthorListed) {
  Contract contract = copyContract(R"("N": { "range": [1, 1000] })");
  CaseBudget budget;
  budget.tiles = {24, 48, 200};
  auto set = makeCases(contract, 1, budget);
  ASSERT_TRUE(set) << set.error().message;
  for (std::int64_t value : {47, 48, 49, 97, 199, 200, 201, 401})
    EXPECT_THAT(valuesOf(*set, "N"), Contains(value));
}

TEST(Cases, AreTheSameForTheSameSeed) {
  Contract contract = testing::attentionContract("f16", "none", "f16");
  auto a = makeCases(contract, 5), b = makeCases(contract, 5), other = makeCases(contract, 6);
  ASSERT_TRUE(a && b && other);
  auto describe = [](const CaseSet& set) {
    std::string text;
    for (const Case& one : set.cases)
      text += one.describe() + "\n";
    return text;
  };
  EXPECT_EQ(describe(*a), describe(*b));
  EXPECT_NE(describe(*a), describe(*other));
}

TEST(Cases, KeepTheRequirementsAndCountTheRest) {
  Contract contract = copyContract(R"("N": { "range": [1, 4096], "try": [96, 100] })", R"("N % 16 == 0")");
  auto set = makeCases(contract, 1);
  ASSERT_TRUE(set) << set.error().message;
  for (std::int64_t value : valuesOf(*set, "N"))
    EXPECT_EQ(value % 16, 0);
  EXPECT_THAT(valuesOf(*set, "N"), Contains(96));
  EXPECT_THAT(set->uncovered, Contains("N=100"));
  EXPECT_GT(set->rejected_requires, 0u);
}

TEST(Cases, RequirementsAcrossSizesAreMet) {
  Contract contract = contractOf(R"({ "contract": 1,
    "sizes": { "H": { "range": [1, 64] }, "K": { "range": [1, 64] }, "N": { "range": [64, 512] } },
    "tensors": { "x": { "dtype": "f32", "shape": ["H", "K"], "access": "read" } },
    "launches": [ { "kernel": "k", "args": ["x"], "grid": [1], "block": [32] } ],
    "requires": ["H % K == 0", "N % 64 == 0", "N >= H"] })");
  auto set = makeCases(contract, 1);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_GE(set->cases.size(), 12u);
  EXPECT_GE(valuesOf(*set, "K").size(), 4u);
}

TEST(Cases, EdgesMoveToTheMultiplesThatTheContractRequires) {
  Contract contract = copyContract(R"("N": { "range": [8, 4096], "try": [72] })", R"("N % 8 == 0")");
  const std::int64_t tiles[] = {64};
  const auto sizes = freeSizes(contract, tiles);
  ASSERT_EQ(sizes.size(), 1u);
  EXPECT_THAT(sizes[0].wanted, ::testing::IsSupersetOf({8, 16, 56, 64, 72, 128, 136, 4096}));
  EXPECT_THAT(sizes[0].wanted, ::testing::Each(::testing::Truly([](std::int64_t n) { return n % 8 == 0; })));
}

TEST(Cases, NoneIsAnErrorAndNeverAPass) {
  auto none = makeCases(copyContract(R"("N": { "range": [1, 100] })", R"("N > 100")"), 1);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("no sizes satisfy the contract"));
  EXPECT_THAT(none.error().message, HasSubstr("N > 100 does not hold"));
  auto huge = makeCases(copyContract(R"("N": { "range": [1000000000000, 2000000000000] })"), 1);
  ASSERT_FALSE(huge);
}

TEST(Cases, WithoutFreeSizesThereIsOne) {
  auto set = makeCases(copyContract(R"("N": { "equals": "64" })"), 1);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_GE(set->cases.size(), 1u);
  EXPECT_EQ(set->scope, "N=64");
}

TEST(Cases, OfTheCorpusAreAffordable) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator("kernels")) {
    if (entry.path().filename() != "contract.json")
      continue;
    auto contract = loadContract(entry.path().string());
    ASSERT_TRUE(contract) << contract.error().message;
    auto set = makeCases(*contract, 1);
    ASSERT_TRUE(set) << entry.path() << set.error().message;
    double work = 0;
    for (const Case& one : set->cases)
      work += one.work;
    EXPECT_GE(set->cases.size(), 24u) << entry.path();
    EXPECT_LT(work, 2e8) << entry.path();
    EXPECT_LE(set->uncovered.size(), 4u) << entry.path();
  }
}

TEST(Cases, EveryFamilyIsDealt) {
  Contract contract = testing::attentionContract("f32", "none", "f32");
  auto set = makeCases(contract, 1);
  ASSERT_TRUE(set);
  std::set<std::string> dealt;
  for (const Case& one : set->cases)
    dealt.insert(one.family);
  EXPECT_EQ(dealt.size(), familyNames(contract).size());
}

TEST(Contents, AreTheSameBytesEverywhere) {
  // Golden hashes: a change here makes every stored replay file mean something else. Of these families: others may
  // join.
  const char* const families[] = {"normal",     "ascending", "one-hot-values", "sentinel", "large-scores",
                                  "descending", "uniform",   "mixed",          "extreme"};
  const std::pair<const char*, const char*> goldens[] = {
      {"f32", "2452d03892c238c5deb289dcbc9475c4d5abd7822e812df855c22e92d82032ed"},
      {"f16", "d7f54abd7bffaefc9620aee2e89df66c9db949338f7eb3008ab973cf1b843e5d"},
      {"bf16", "b65e4463e4a2b4b12914d2bc0f88dea366f5ef8450d6fb3849742e15bca04418"},
  };
  for (const auto& [dtype, golden] : goldens) {
    Contract contract = testing::attentionContract(dtype, "none", dtype);
    std::string all;
    for (const char* family : families) {
      Case one{9, family, {{"B", 2}, {"Hk", 1}, {"G", 1}, {"Nq", 5}, {"Nk", 33}, {"D", 32}}, 0};
      auto plan = buildPlan(contract, testing::signatureOf(contract), one);
      ASSERT_TRUE(plan) << plan.error().message;
      for (const Buffer& buffer : plan->buffers)
        all.append(buffer.bytes.begin(), buffer.bytes.end());
    }
    EXPECT_EQ(sha256Hex(all), golden) << dtype;
  }
}

TEST(Contents, OfTheStressFamiliesAreWhatTheyAreNamedAfter) {
  Contract contract = testing::attentionContract("f32", "none", "f32");
  auto drawn = [&](const char* family, std::size_t buffer) {
    Case one{9, family, {{"B", 1}, {"Hk", 1}, {"G", 1}, {"Nq", 5}, {"Nk", 33}, {"D", 32}}, 0};
    auto plan = buildPlan(contract, testing::signatureOf(contract), one);
    EXPECT_TRUE(plan) << plan.error().message;
    std::vector<float> values(plan->buffers[buffer].bytes.size() / 4);
    std::memcpy(values.data(), plan->buffers[buffer].bytes.data(), values.size() * 4);
    return values;
  };
  auto score = [](const std::vector<float>& q, const std::vector<float>& k, std::size_t i, std::size_t j) {
    double sum = 0;
    for (std::size_t c = 0; c < 32; ++c)
      sum += static_cast<double>(q[i * 32 + c]) * k[j * 32 + c];
    return sum / std::sqrt(32.0);
  };
  std::vector<float> q = drawn("huge-scores", 0), k = drawn("huge-scores", 1);
  double largest = 0;
  for (std::size_t j = 0; j < 33; ++j)
    largest = std::max(largest, std::fabs(score(q, k, 0, j)));
  EXPECT_GT(largest, 1e4);
  EXPECT_LT(largest, 1e6);

  q = drawn("sink", 0), k = drawn("sink", 1);
  for (std::size_t j = 1; j < 33; ++j)
    EXPECT_GT(score(q, k, 2, 0) - score(q, k, 2, j), 6) << "one key takes nearly all weight";

  q = drawn("ties", 0), k = drawn("ties", 1);
  for (std::size_t j = 2; j < 33; ++j)
    EXPECT_EQ(score(q, k, 1, j), score(q, k, 1, j % 2)) << "the maximum is taken many times";
  for (float v : drawn("ties", 2))
    EXPECT_GT(v, 0);

  const std::vector<float> v = drawn("tile-edges", 2);
  for (std::size_t j : {0, 7, 8, 15, 16, 31, 32})
    EXPECT_GT(v[j * 32], 900) << j;
  EXPECT_LT(v[9 * 32], 100);

  bool has_zero = false, has_negative_zero = false, has_subnormal = false;
  for (float x : drawn("subnormals", 2)) {
    EXPECT_LE(std::fabs(x), 4e-38);
    has_zero |= x == 0 && !std::signbit(x);
    has_negative_zero |= x == 0 && std::signbit(x);
    has_subnormal |= std::fpclassify(x) == FP_SUBNORMAL;
  }
  EXPECT_TRUE(has_zero && has_negative_zero && has_subnormal);
}

/// 2^-30 rounds to 0 in fp8, and a case of zeros tells nobody anything.
TEST(Contents, SubnormalsAreThoseOfTheTensorsOwnType) {
  struct Smallest {
    DType dtype;
    double subnormal, normal;
  };
  for (const Smallest& type : {Smallest{DType::F32, 0x1p-149, 0x1p-126}, Smallest{DType::F16, 0x1p-24, 0x1p-14},
                               Smallest{DType::BF16, 0x1p-133, 0x1p-126}, Smallest{DType::E4M3, 0x1p-9, 0x1p-6},
                               Smallest{DType::E5M2, 0x1p-16, 0x1p-14}}) {
    const TensorContext tensor{.family = Family::Subnormals, .role = TensorContext::Role::Value, .dtype = type.dtype};
    Random random(3);
    int subnormal = 0, zero = 0;
    for (int i = 0; i < 200; ++i) {
      const double x = std::fabs(drawElement(tensor, {0, 0, 0, 0}, 1, random));
      EXPECT_TRUE(x == 0 || x >= type.subnormal) << x << " is below the smallest subnormal " << type.subnormal;
      EXPECT_LE(x, 2 * type.normal);
      zero += x == 0;
      subnormal += x > 0 && x < type.normal;
    }
    EXPECT_GT(subnormal, 50) << "of a type whose smallest normal number is " << type.normal;
    EXPECT_GT(zero, 20);
  }
}

TEST(Contents, SingleElementsCanBeChanged) {
  Contract contract = testing::softmaxContract();
  Case one{1, "normal", {{"R", 2}, {"N", 4}}, 0};
  auto plain = buildPlan(contract, testing::signatureOf(contract), one);
  one.changed["x"] = {{5, 100.0}, {6, -0.0}};
  auto changed = buildPlan(contract, testing::signatureOf(contract), one);
  ASSERT_TRUE(plain && changed);
  float before[8], after[8];
  std::memcpy(before, plain->buffers[0].bytes.data(), sizeof before);
  std::memcpy(after, changed->buffers[0].bytes.data(), sizeof after);
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(after[i], i == 5 ? 100.0f : i == 6 ? 0.0f : before[i]);
  EXPECT_TRUE(std::signbit(after[6]));
  EXPECT_THAT(one.describe(), HasSubstr("x[5] set to 100"));
  one.changed["x"] = {{8, 1.0}};
  auto outside = buildPlan(contract, testing::signatureOf(contract), one);
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().message, "'x' has no element 8");
}

TEST(Varier, StaysInsideOfWhatTheContractAllowsAndTheBudgetAffords) {
  Contract contract = copyContract(R"("N": { "range": [1, 4096], "try": [96] })", R"("N % 16 == 0")");
  CaseBudget budget;
  budget.work = 1e5;
  budget.tiles = {96};
  Varier varier(contract, budget);
  Random random(3);
  Case base{.seed = 1, .family = "normal", .sizes = {{"N", 96}}};
  std::set<std::int64_t> sizes;
  std::set<std::string> families;
  std::size_t changed = 0, seeds = 0;
  for (int i = 0; i < 2000; ++i) {
    auto one = varier.vary(base, random);
    if (!one)
      continue;
    ASSERT_EQ(one->sizes.at("N") % 16, 0);
    sizes.insert(one->sizes.at("N"));
    families.insert(one->family);
    changed += !one->changed.empty();
    seeds += one->seed != base.seed;
    EXPECT_TRUE(buildPlan(contract, testing::signatureOf(contract), *one));
  }
  EXPECT_THAT(sizes, Contains(192)) << "twice as large";
  EXPECT_THAT(sizes, Contains(48)) << "half as large";
  EXPECT_GT(families.size(), 3u);
  EXPECT_GT(changed, 100u);
  EXPECT_GT(seeds, 100u);
  EXPECT_GT(varier.rejectedRequires(), 0u) << "what was refused is counted";
}

TEST(Varier, IsTheSameForTheSameNumbers) {
  Contract contract = testing::attentionContract("f16", "none", "f16");
  CaseBudget budget;
  auto set = makeCases(contract, 1, budget);
  ASSERT_TRUE(set);
  auto draw = [&] {
    Varier varier(contract, budget);
    Random random(5);
    std::string text;
    for (int i = 0; i < 50; ++i)
      if (auto one = varier.vary(set->cases[static_cast<std::size_t>(i) % set->cases.size()], random))
        text += one->describe() + "\n";
    return text;
  };
  EXPECT_EQ(draw(), draw());
}

TEST(Contents, InputsAreFiniteAndOutputsAreLeftUninitialised) {
  for (const char* dtype : {"f32", "f16", "bf16"}) {
    Contract contract = testing::attentionContract(dtype, "none", dtype);
    for (const std::string& family : familyNames(contract)) {
      Case one{1, family, {{"B", 1}, {"Hk", 2}, {"G", 1}, {"Nq", 3}, {"Nk", 40}, {"D", 32}}, 0};
      auto plan = buildPlan(contract, testing::signatureOf(contract), one);
      ASSERT_TRUE(plan) << plan.error().message;
      EXPECT_TRUE(plan->buffers[3].bytes.empty());
      auto judged = judge::judge(contract, *plan, testing::runAttention(contract, *plan, Arithmetic::F32, 32));
      ASSERT_TRUE(judged) << judged.error().message;
      EXPECT_EQ(judged->nonfinite, 0u) << family << ": " << judged->nonfinite_message;
    }
  }
}

TEST(Contents, AnUnknownFamilyGivesTheNearest) {
  Contract contract = testing::softmaxContract();
  auto plan = buildPlan(contract, testing::signatureOf(contract), {1, "nromal", {{"R", 1}, {"N", 4}}, 0});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().hint, "did you mean 'normal'?");
}

Contract tableContract(const std::string& holds) {
  return contractOf(R"({ "contract": 1, "sizes": { "N": { "range": [1, 50] }, "M": { "range": [1, 100] } }, "tensors": {
    "t": { "dtype": "i32", "shape": [3, "N"], "access": "read", "holds": { )" +
                    holds + R"( } } },
    "launches": [ { "kernel": "k", "args": ["t"], "grid": [1], "block": [1] } ] })");
}

std::vector<std::vector<std::int32_t>> rowsOf(const Contract& contract, std::int64_t n, std::int64_t m) {
  auto plan = buildPlan(contract, testing::signatureOf(contract), {4, "normal", {{"N", n}, {"M", m}}, 0});
  EXPECT_TRUE(plan) << plan.error().message;
  if (!plan)
    return {};
  std::vector<std::vector<std::int32_t>> rows(3, std::vector<std::int32_t>(static_cast<std::size_t>(n)));
  for (std::size_t r = 0; r < 3; ++r)
    std::memcpy(rows[r].data(), plan->buffers[0].bytes.data() + r * rows[r].size() * 4, rows[r].size() * 4);
  return rows;
}

TEST(Holds, RowsKeepTheirRule) {
  for (const auto& row : rowsOf(tableContract(R"("range": [2, "M"])"), 40, 9))
    for (std::int32_t value : row)
      EXPECT_TRUE(2 <= value && value <= 9) << value;
  for (const auto& row :
       rowsOf(tableContract(R"("range": [0, "M"], "order": "nondecreasing", "first": 0, "last": "M")"), 40, 9)) {
    EXPECT_TRUE(std::is_sorted(row.begin(), row.end()));
    EXPECT_EQ(row.front(), 0);
    EXPECT_EQ(row.back(), 9);
  }
  for (const auto& row :
       rowsOf(tableContract(R"("range": [0, "M"], "order": "increasing", "first": 0, "last": "M")"), 10, 12)) {
    EXPECT_TRUE(std::is_sorted(row.begin(), row.end()));
    EXPECT_EQ(std::adjacent_find(row.begin(), row.end()), row.end());
    EXPECT_EQ(row.front(), 0);
    EXPECT_EQ(row.back(), 12);
  }
  for (auto row : rowsOf(tableContract(R"("range": [0, "N-1"], "permutation": true)"), 40, 1)) {
    EXPECT_FALSE(std::is_sorted(row.begin(), row.end()));
    std::sort(row.begin(), row.end());
    for (std::size_t i = 0; i < row.size(); ++i)
      EXPECT_EQ(row[i], static_cast<std::int32_t>(i));
  }
}

TEST(Holds, TightAndShortRows) {
  const Contract increasing = tableContract(R"("range": [0, "M"], "order": "increasing", "first": 0, "last": "M")");
  EXPECT_EQ(rowsOf(increasing, 2, 1)[0], (std::vector<std::int32_t>{0, 1}));
  EXPECT_EQ(rowsOf(increasing, 5, 4)[2], (std::vector<std::int32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(rowsOf(tableContract(R"("range": [0, "M"], "order": "nondecreasing", "last": "M")"), 1, 7)[0],
            (std::vector<std::int32_t>{7}));
}

TEST(Holds, WhatCannotBeHeldIsAnErrorAndNoCase) {
  const Contract contract = tableContract(R"("range": [0, "M"], "order": "increasing", "first": 0, "last": "M")");
  auto plan = buildPlan(contract, testing::signatureOf(contract), {1, "normal", {{"N", 5}, {"M", 3}}, 0});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().message, "'t' can't hold 5 increasing values in [0, 3] with 0 first and 3 last");
  auto set = makeCases(contract, 1);
  ASSERT_TRUE(set) << set.error().message;
  for (const Case& one : set->cases)
    EXPECT_GE(one.sizes.at("M") + 1, one.sizes.at("N"));
}

} // namespace
} // namespace kverify::generate
