// The decision on one kernel: agreed with the audit's own fold where the policy adds nothing, and finer where it does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gate/judge.h"
#include "gate/standing.h"

namespace kverify::gate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Finding found(const std::string& check, Severity severity, bool confirmed, unsigned line = 3) {
  return {.check = check, .severity = severity, .message = "two threads meet", .locations = {{{{"k.cu", line, 1, ""}}, ""}}, .fingerprint = "f" + std::to_string(line), .confirmed = confirmed};
}

/// Everything passes: one check proved and tested, one only tested.
KernelReport passing() {
  KernelReport kernel{.file = "k.cu", .kernel = "k", .verdict = Verdict::Certified};
  kernel.static_checks = 10;
  kernel.outcomes = {{"race.x", "fuzz", Tested{.cases = 4}},
                     {"numerics.bound", "fuzz", Tested{.cases = 4}},
                     {"race.x", "formal", Proved{.scope = "all sizes: n in [1, 9]"}}};
  return kernel;
}

Decision decided(const KernelReport& kernel, const Demands& demands = {}) {
  return decide({.kernel = &kernel, .demands = demands});
}

std::vector<std::string> textsOf(const std::vector<Reason>& reasons) {
  std::vector<std::string> texts;
  for (const Reason& reason : reasons)
    texts.push_back(reason.text);
  return texts;
}

/// Every outcome of two checks in the stages that count, under every requirement: an open question or a refutation exactly
/// where foldVerdict does not certify.
TEST(Judge, AgreesWithTheVerdictWhereThePolicyAddsNothing) {
  const std::vector<std::optional<Outcome>> outcomes = {
      std::nullopt, Proved{.scope = "all sizes: n"}, Proved{.scope = "bounded: n"}, Tested{.cases = 3}, Tested{.cases = 0}, Refuted{"it broke", ""},
      Unknown{unknown_reason::unsupported, ""}, Unknown{unknown_reason::unconfirmed, ""}, Unknown{unknown_reason::tool_error, ""}};
  std::size_t cases = 0;
  for (Require require : {Require::Tests, Require::Proof, Require::UnboundedProof})
    for (const auto& a : outcomes)
      for (const auto& b : outcomes)
        for (const auto& c : outcomes)
          for (const auto& d : outcomes) {
            KernelReport kernel{.file = "k.cu", .kernel = "k"};
            auto add = [&](const char* check, const char* stage, const std::optional<Outcome>& outcome) {
              if (outcome)
                kernel.outcomes.push_back({check, stage, *outcome});
            };
            add("x", "fuzz", a);
            add("x", "formal", b);
            add("y", "formal", c);
            add("y", "static", d);
            Demands demands{.stages = {"stability"}, .require = require}; // a stage that has nothing to say here
            ++cases;
            Verdict verdict = foldVerdict(kernel.outcomes, kverify::Policy{require});
            Decision decision = decided(kernel, demands);
            Result wanted = verdict == Verdict::Certified ? Result::Passed : verdict == Verdict::Refuted ? Result::Failed : Result::Inconclusive;
            // What one stage proved and another broke is a defect of the tool, but it is refuted first.
            ASSERT_EQ(nameOf(decision.result), nameOf(wanted)) << "case " << cases << ", require " << kverify::nameOf(require);
          }
  EXPECT_EQ(cases, 3u * 9 * 9 * 9 * 9);
}

TEST(Judge, AGapOfTheStressListIsOneQuestionAndAnExtraJudgeThatCannotTellIsNone) {
  KernelReport kernel = passing();
  kernel.outcomes.push_back({"algebra.mismatch", "fuzz", Unknown{unknown_reason::not_judged, "bits"}});
  EXPECT_EQ(decided(kernel).result, Result::Passed);
  kernel.outcomes.push_back({"numerics.bound", "stability", Unknown{unknown_reason::time_budget, ""}});
  Decision decision = decided(kernel, {.stages = {"fuzz", "stability"}});
  EXPECT_EQ(decision.result, Result::Inconclusive);
  EXPECT_EQ(decision.reasons.size(), 1u);
  EXPECT_EQ(decided(kernel, {.stages = {"fuzz"}}).result, Result::Inconclusive) << "foldVerdict does not let it through, either";
}

TEST(Judge, PassesWhatPasses) {
  EXPECT_EQ(decided(passing()).result, Result::Passed);
  EXPECT_THAT(decided(passing()).reasons, IsEmpty());
}

TEST(Judge, AKernelWithoutVerdictIsAnError) {
  KernelReport kernel{.file = "k.cu"};
  kernel.error = ToolError{ErrorKind::Compile, "k.cu:1:1: error: no"};
  EXPECT_EQ(decided(kernel).result, Result::Error);
  EXPECT_EQ(decided(KernelReport{.file = "k.cu"}).result, Result::Inconclusive) << "nothing at all is no pass";
}

TEST(Judge, RequiresOfEachCheckWhatThePolicySays) {
  KernelReport kernel = passing();
  kernel.outcomes[2].outcome = Proved{.scope = "bounded: n in [1, 9]"};
  Demands demands;
  demands.checks = {{"race.*", Require::Proof, {}}};
  EXPECT_EQ(decided(kernel, demands).result, Result::Passed);
  demands.checks = {{"race.*", Require::UnboundedProof, {}}};
  Decision decision = decided(kernel, demands);
  EXPECT_EQ(decision.result, Result::Inconclusive);
  EXPECT_THAT(textsOf(decision.reasons), ElementsAre("race.x is proved within bounds, and an unbounded proof is required"));
  demands.checks = {{"race.*", Require::UnboundedProof, {}}, {"race.x", Require::Tests, {}}};
  EXPECT_EQ(decided(kernel, demands).result, Result::Passed) << "the last rule that matches holds";
}

TEST(Judge, ADemandedStageMustHaveSpoken) {
  KernelReport kernel = passing();
  kernel.outcomes.erase(kernel.outcomes.begin(), kernel.outcomes.begin() + 2);
  EXPECT_THAT(textsOf(decided(kernel).reasons), ElementsAre("the stage fuzz must pass, and judged nothing"));
  kernel = passing();
  kernel.static_checks = 0;
  EXPECT_THAT(textsOf(decided(kernel).reasons), ElementsAre("the stage static must pass, and judged nothing"));
  kernel = passing();
  kernel.outcomes.push_back({"sanitizer.memcheck", "sanitizer", Unknown{"no device", "no GPU"}});
  EXPECT_EQ(decided(kernel).result, Result::Passed) << "it was not asked for";
  EXPECT_EQ(decided(kernel, {.stages = {"fuzz", "sanitizer"}, .gpu = Gpu::Required}).result, Result::Inconclusive);
}

TEST(Judge, AGateOfTheStaticStageAloneAsksForNoRuns) {
  KernelReport kernel{.file = "k.cu"};
  kernel.static_checks = 10;
  kernel.findings = {found("sync.x", Severity::Warning, false)};
  Demands demands{.stages = {"static"}};
  // Without a registered check of the static stage an unconfirmed finding counts for nothing; severity is asked below.
  EXPECT_EQ(decided(kernel, demands).result, Result::Passed);
  kernel.static_checks = 0;
  EXPECT_EQ(decided(kernel, demands).result, Result::Inconclusive);
}

TEST(Judge, ARefutationFailsUnlessThePolicySaysOtherwise) {
  KernelReport kernel = passing();
  kernel.outcomes[0].outcome = Refuted{"two threads meet", "r.json"};
  kernel.outcomes.erase(kernel.outcomes.begin() + 2);
  kernel.findings = {found("race.x", Severity::Error, true)};
  Demands demands{.stages = {"static", "fuzz"}};
  Decision decision = decided(kernel, demands);
  EXPECT_EQ(decision.result, Result::Failed);
  ASSERT_EQ(decision.reasons.size(), 1u);
  EXPECT_EQ(decision.reasons[0].at.line, 3u);
  demands.checks = {{"race.x", {}, Severity::Warning}};
  decision = decided(kernel, demands);
  EXPECT_EQ(decision.result, Result::Passed);
  EXPECT_THAT(decision.let_through, ElementsAre(HasSubstr("race.x is refuted (two threads meet), and the policy calls it a warning")));
  demands.fail_on = Severity::Warning;
  EXPECT_EQ(decided(kernel, demands).result, Result::Failed);
  kernel.findings.clear();
  EXPECT_EQ(decided(kernel, {.stages = {"fuzz"}}).result, Result::Failed) << "a refutation without a finding is not lost";
}

TEST(Judge, TheBaselineLetsInWhatItKnowsAndNothingMore) {
  KernelReport kernel = passing();
  kernel.outcomes[0].outcome = Refuted{"two threads meet", "r.json"};
  kernel.outcomes[1].outcome = Unknown{unknown_reason::no_cases, "every case stopped early"};
  kernel.outcomes.erase(kernel.outcomes.begin() + 2);
  kernel.findings = {found("race.x", Severity::Error, true, 3), found("race.x", Severity::Error, true, 8)};
  Demands demands{.stages = {"fuzz"}};
  Evidence evidence{.kernel = &kernel, .demands = demands};
  evidence.known = {&kernel.findings[0]};
  EXPECT_EQ(decide(evidence).result, Result::Failed) << "line 8 is new";
  evidence.known.insert(&kernel.findings[1]);
  EXPECT_EQ(decide(evidence).result, Result::Inconclusive) << "numerics.bound is open";
  evidence.known_open = {"numerics.bound|no cases"};
  Decision decision = decide(evidence);
  EXPECT_EQ(decision.result, Result::Passed);
  EXPECT_EQ(decision.known.size(), 3u);
  kernel.outcomes.push_back({"limits.x", "fuzz", Unknown{unknown_reason::tool_error, "a bug"}});
  evidence.known_open.insert("limits.x|tool error");
  EXPECT_EQ(decide(evidence).result, Result::Inconclusive) << "a defect of the tool is in no baseline";
}

TEST(Judge, ACommentSilencesOnlyWhatThePolicyAllows) {
  KernelReport kernel = passing();
  kernel.suppressions = {{"sync.x", {"k.cu", 4, 1, ""}, "fine here", Suppression::State::Used, "a barrier is missing"},
                         {"sync.y", {"k.cu", 5, 1, ""}, "old", Suppression::State::Unused, ""}};
  EXPECT_EQ(decided(kernel).result, Result::Passed);
  Demands demands;
  demands.suppressions = {"readable.*"};
  Decision decision = decided(kernel, demands);
  EXPECT_EQ(decision.result, Result::Failed);
  EXPECT_THAT(textsOf(decision.reasons), ElementsAre(HasSubstr("kverify-allow(sync.x)")));
}

TEST(Judge, WhereACertificateIsAskedForOnlyAnAcceptedOneLetsIn) {
  KernelReport kernel = passing();
  Demands demands;
  demands.certificate.keys = {"team.pub"};
  Evidence evidence{.kernel = &kernel, .demands = demands};
  EXPECT_EQ(decide(evidence).result, Result::Failed) << "nobody looked for one";
  evidence.certificate = CertificateSeen{.file = "k.intoto.jsonl", .refused = "untrusted-key", .message = "a key that nobody knows"};
  EXPECT_THAT(textsOf(decide(evidence).reasons), ElementsAre("certificate refused[untrusted-key]: a key that nobody knows"));
  evidence.certificate = CertificateSeen{.file = "k.intoto.jsonl", .key = "sha256:1"};
  EXPECT_EQ(decide(evidence).result, Result::Passed);
  kernel.outcomes[0].outcome = Refuted{"out of bounds", ""};
  EXPECT_EQ(decide(evidence).result, Result::Failed) << "a certificate excuses nothing that was found here";
}

TEST(Judge, FloorsThatWereNotReached) {
  KernelReport kernel = passing();
  Demands demands;
  demands.kill.floor = 0.9;
  Evidence evidence{.kernel = &kernel, .demands = demands};
  EXPECT_THAT(textsOf(decide(evidence).reasons), ElementsAre("no kill score: no mutant was judged"));
  evidence.kill = KillScore{.score = 0.85, .mutants = 40};
  EXPECT_EQ(decide(evidence).result, Result::Inconclusive);
  evidence.kill = KillScore{.score = 0.95, .mutants = 40};
  EXPECT_EQ(decide(evidence).result, Result::Passed);

  evidence.demands = {.stages = {"fuzz"}, .gap = {.floor = 1, .baseline = "flash"}, .gpu = Gpu::Required};
  EXPECT_EQ(decide(evidence).result, Result::Inconclusive) << "no GPU, no gap";
  evidence.gpu_here = true;
  evidence.gap = GapSeen{.value = 1.2, .low = 1.1, .high = 1.3};
  EXPECT_EQ(decide(evidence).result, Result::Passed);
  evidence.gap = GapSeen{.value = 1.01, .low = 0.97, .high = 1.05};
  EXPECT_EQ(decide(evidence).result, Result::Inconclusive) << "the interval has the floor in it";
  evidence.gap = GapSeen{.value = 0.8, .low = 0.7, .high = 0.9};
  EXPECT_EQ(decide(evidence).result, Result::Failed) << "slower for certain";
}

} // namespace
} // namespace kverify::gate
