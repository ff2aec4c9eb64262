// The verdict as a table: every set of up to three outcomes over two checks and two stages, under every policy,
// against the rules as verdict.h says them.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kverify/verdict.h"

namespace kverify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Outcome> everyOutcome() {
  std::vector<Outcome> all = {Proved{"all sizes: N in [1, 9]", {}, "z3", "h"}, Proved{"bounded: N = 4", {}, "z3", "h"},
                              Tested{.cases = 5}, Tested{.cases = 0}, Refuted{"seen", ""}};
  for (const char* code : {unknown_reason::unsupported, unknown_reason::unconfirmed, unknown_reason::tool_error,
                           unknown_reason::time_budget, unknown_reason::step_limit, unknown_reason::not_judged,
                           "not proved"})
    all.push_back(Unknown{code, ""});
  return all;
}

/// Tests prove nothing, proofs test nothing.
bool canBe(const std::string& stage, const Outcome& outcome) {
  return stage == "formal" ? !std::holds_alternative<Tested>(outcome) : !std::holds_alternative<Proved>(outcome);
}

std::vector<CheckOutcome> everyEntry() {
  std::vector<CheckOutcome> all;
  // Any check, the one that judges values, and the extra judge of these.
  for (const char* check : {"race.shared-write-write", "numerics.bound", "algebra.mismatch"})
    for (const char* stage : {"fuzz", "formal"})
      for (const Outcome& outcome : everyOutcome())
        if (canBe(stage, outcome))
          all.push_back({check, stage, outcome, 0});
  return all;
}

bool isUnknown(const CheckOutcome& o, const char* code) {
  const auto* unknown = std::get_if<Unknown>(&o.outcome);
  return unknown && unknown->code == code;
}

/// The rules of verdict.h again, in another shape: what keeps a set from being certified, or nothing.
std::string whyNot(const std::vector<CheckOutcome>& set, Require require) {
  bool formal_ran = false, tests_ran = false, values_tested = false;
  for (const CheckOutcome& o : set) {
    if (isUnknown(o, unknown_reason::tool_error))
      return "a tool error";
    if (o.stage == "fuzz" && isUnknown(o, unknown_reason::unconfirmed))
      return "a run showed it once";
    formal_ran |= o.stage == "formal";
    const auto* tested = std::get_if<Tested>(&o.outcome);
    tests_ran |= tested && tested->cases > 0;
    values_tested |= tested && tested->cases > 0 && o.check == "numerics.bound";
  }
  if (set.empty())
    return "nothing was judged";
  if (require != Require::Tests && !formal_ran)
    return "a proof is wanted, and nothing was to be proved";
  for (const CheckOutcome& asked : set) {
    if (isUnknown(asked, unknown_reason::not_judged) && values_tested)
      continue;
    bool proved = false, tested = false, by_formal = false, by_fuzz = false, candidate = false;
    for (const CheckOutcome& o : set) {
      if (o.check != asked.check)
        continue;
      (o.stage == "formal" ? by_formal : by_fuzz) = true;
      if (const auto* p = std::get_if<Proved>(&o.outcome))
        proved |= require != Require::UnboundedProof || p->scope.find("bounded") != 0;
      if (const auto* t = std::get_if<Tested>(&o.outcome))
        tested |= t->cases > 0;
      candidate |= isUnknown(o, unknown_reason::unconfirmed);
    }
    bool vouched = !by_fuzz && tests_ran && !candidate;
    bool enough = require == Require::Tests ? proved || tested || vouched : proved || (tested && !by_formal);
    if (!enough)
      return asked.check + " was passed by no stage";
  }
  return "";
}

void expectRule(const std::vector<CheckOutcome>& set, std::size_t& judged) {
  bool refuted = std::any_of(set.begin(), set.end(),
                             [](const CheckOutcome& o) { return std::holds_alternative<Refuted>(o.outcome); });
  for (Require require : {Require::Tests, Require::Proof, Require::UnboundedProof}) {
    Verdict verdict = foldVerdict(set, Policy{require});
    std::string why = whyNot(set, require);
    Verdict expected = refuted ? Verdict::Refuted : why.empty() ? Verdict::Certified : Verdict::Inconclusive;
    ++judged;
    if (verdict == expected)
      continue;
    std::string text;
    for (const CheckOutcome& o : set)
      text += o.check + " by " + o.stage + ", outcome " + std::to_string(o.outcome.index()) + "; ";
    ADD_FAILURE() << text << "under " << nameOf(require) << " is " << nameOf(verdict) << ", expected "
                  << nameOf(expected) << " " << why;
  }
}

TEST(Verdict, EverySetOfUpToThreeOutcomesFollowsTheRules) {
  std::vector<CheckOutcome> entries = everyEntry();
  std::size_t judged = 0;
  expectRule({}, judged);
  for (const CheckOutcome& a : entries) {
    expectRule({a}, judged);
    for (const CheckOutcome& b : entries) {
      expectRule({a, b}, judged);
      for (const CheckOutcome& c : entries)
        expectRule({a, b, c}, judged);
    }
    ASSERT_FALSE(testing::Test::HasFailure()) << "the first failures are enough";
  }
  EXPECT_GT(judged, 100000u);
}

TEST(Verdict, NoOrderOfTheOutcomesMatters) {
  std::vector<CheckOutcome> entries = everyEntry();
  for (const CheckOutcome& a : entries)
    for (const CheckOutcome& b : entries)
      for (Require require : {Require::Tests, Require::Proof}) {
        std::vector<CheckOutcome> one = {a, b}, other = {b, a};
        EXPECT_EQ(foldVerdict(one, Policy{require}), foldVerdict(other, Policy{require}));
      }
}

TEST(Verdict, TestsCertifyWhatIsNotProvedUnlessAProofIsAskedFor) {
  std::vector<CheckOutcome> set = {{"race.shared-write-write", "fuzz", Tested{.cases = 3}, 0},
                                   {"race.shared-write-write", "formal", Unknown{"not proved", ""}, 0}};
  EXPECT_EQ(foldVerdict(set, Policy{}), Verdict::Certified);
  EXPECT_EQ(foldVerdict(set, Policy{Require::Proof}), Verdict::Inconclusive);
}

TEST(Verdict, UsualInputsDoNotMakeGoodAStressListThatWasNotRunToItsEnd) {
  std::vector<CheckOutcome> set = {{"numerics.bound", "fuzz", Tested{.cases = 30}, 0},
                                   {"numerics.bound", "stability", Unknown{unknown_reason::time_budget, ""}, 0}};
  EXPECT_EQ(foldVerdict(set, Policy{}), Verdict::Inconclusive);
  set[1].outcome = Tested{.cases = 13};
  EXPECT_EQ(foldVerdict(set, Policy{}), Verdict::Certified);
}

TEST(Verdict, AnExtraJudgeThatCannotTellBlocksNothingWhereTheValuesWereTested) {
  const CheckOutcome not_judged{"algebra.mismatch", "fuzz", Unknown{unknown_reason::not_judged, "bits"}, 0};
  const CheckOutcome tested{"numerics.bound", "fuzz", Tested{.cases = 3}, 0};
  std::vector<CheckOutcome> set = {tested, not_judged};
  EXPECT_EQ(foldVerdict(set, Policy{}), Verdict::Certified);
  for (const Outcome& other : {Outcome(Tested{.cases = 0}), Outcome(Unknown{unknown_reason::no_cases, ""})}) {
    std::vector<CheckOutcome> without = {{"numerics.bound", "fuzz", other, 0}, not_judged};
    EXPECT_EQ(foldVerdict(without, Policy{}), Verdict::Inconclusive) << "nobody judged the values";
  }
  EXPECT_EQ(foldVerdict(std::vector{not_judged}, Policy{}), Verdict::Inconclusive) << "it passes nothing itself";
  set[1].outcome = Unknown{unknown_reason::no_cases, ""};
  EXPECT_EQ(foldVerdict(set, Policy{}), Verdict::Inconclusive) << "no other reason of it is excused";
}

TEST(Verdict, ProofsAloneLeaveNoUnknown) {
  std::vector<CheckOutcome> set = {{"index.overflow", "formal", Unknown{unknown_reason::time_budget, ""}, 0},
                                   {"bounds.global-read", "formal", Proved{"all sizes", {}, "", ""}, 0}};
  EXPECT_EQ(foldVerdict(set, Policy{}), Verdict::Inconclusive);
}

TEST(Verdict, WhatWasProvedAndBrokenIsAContradiction) {
  std::vector<CheckOutcome> set = {{"race.shared-write-write", "formal", Proved{"all sizes", {}, "", ""}, 0},
                                   {"bounds.local", "formal", Proved{"all sizes", {}, "", ""}, 0},
                                   {"race.shared-write-write", "fuzz", Refuted{"seen", ""}, 0}};
  EXPECT_THAT(contradictions(set), ElementsAre("race.shared-write-write"));
  EXPECT_EQ(foldVerdict(set, Policy{}), Verdict::Refuted);
  set.pop_back();
  EXPECT_THAT(contradictions(set), IsEmpty());
}

TEST(Verdict, StagesBesideTheQuestionCertifyNothing) {
  const Outcome passed = Tested{.cases = 9};
  for (const char* stage : {"sanitizer", "bench", "gpu"}) {
    std::vector<CheckOutcome> alone = {{"bounds.global-read", stage, passed, 0}};
    EXPECT_EQ(foldVerdict(alone, {}), Verdict::Inconclusive) << stage;
    alone.push_back({"index.overflow", "fuzz", passed, 0});
    EXPECT_EQ(foldVerdict(alone, {}), Verdict::Certified) << stage;
    alone[0].outcome = Refuted{"seen", ""};
    EXPECT_EQ(foldVerdict(alone, {}), Verdict::Refuted) << stage;
  }
}

TEST(Verdict, WhatTheSanitizerSawPassesNoCheckAndBlocksNone) {
  const std::string race = "race.shared-write-write";
  const CheckOutcome unseen{race, "fuzz", Unknown{unknown_reason::unsupported, "a GPU run does not show it"}, 0};
  const CheckOutcome other{"numerics.bound", "fuzz", Tested{.cases = 9}, 0};
  EXPECT_EQ(foldVerdict(std::vector<CheckOutcome>{unseen, other, {race, "sanitizer", Tested{.cases = 2}, 0}}, {}), Verdict::Inconclusive);
  EXPECT_EQ(foldVerdict(std::vector<CheckOutcome>{{race, "fuzz", Tested{.cases = 9}, 0}, other, {race, "sanitizer", Unknown{"no device", ""}, 0}}, {}),
            Verdict::Certified);
}

TEST(Verdict, AnUnansweredQuestionOfTheGpuStagesBlocks) {
  const CheckOutcome tested{"numerics.bound", "fuzz", Tested{.cases = 9}, 0};
  for (const char* stage : {"bench", "gpu"})
    EXPECT_EQ(foldVerdict(std::vector<CheckOutcome>{tested, {"gpu.agreement", stage, Unknown{"no device", ""}, 0}}, {}), Verdict::Inconclusive);
}

} // namespace
} // namespace kverify
