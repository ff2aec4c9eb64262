#include "kverify/verdict.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace kverify {
namespace {

bool isBounded(const Proved& proved) {
  return std::string_view(proved.scope).starts_with("bounded");
}

constexpr std::string_view kFormal = "formal";
constexpr std::string_view kStatic = "static";
constexpr std::string_view kSanitizer = "sanitizer";
constexpr std::string_view kBench = "bench";
constexpr std::string_view kGpu = "gpu";
constexpr std::string_view kStability = "stability";

/// A reason that no other stage makes good.
bool isAlarm(const CheckOutcome& o) {
  const auto* unknown = std::get_if<Unknown>(&o.outcome);
  if (!unknown)
    return false;
  return unknown->code == unknown_reason::tool_error ||
         (unknown->code == unknown_reason::unconfirmed && o.stage != kFormal);
}

bool isTested(const CheckOutcome& o) {
  const auto* tested = std::get_if<Tested>(&o.outcome);
  return tested && tested->cases > 0;
}

bool isProved(const CheckOutcome& o, const Policy& policy) {
  const auto* proved = std::get_if<Proved>(&o.outcome);
  return proved && (policy.require != Require::UnboundedProof || !isBounded(*proved));
}

/// The check whose values an extra judge looks at again.
constexpr std::string_view kBound = "numerics.bound";

bool isNotJudged(const CheckOutcome& o) {
  const auto* unknown = std::get_if<Unknown>(&o.outcome);
  return unknown && unknown->code == unknown_reason::not_judged;
}

/// Of an extra judge, `not judged` is excused where the values themselves were tested.
bool isExcused(const CheckOutcome& asked, std::span<const CheckOutcome> outcomes) {
  return isNotJudged(asked) &&
         std::any_of(outcomes.begin(), outcomes.end(),
                     [](const CheckOutcome& o) { return o.check == kBound && isTested(o); });
}

/// All outcomes of one check.
struct Judgements {
  bool proved = false, tested = false;
  bool formal = false;        ///< the formal stage said something
  bool only_formal = true;    ///< and no other
  bool has_candidate = false; ///< of the solver, that no run showed
  bool has_gap = false;       ///< the stress list was not run to its end: tests at usual inputs do not make that good
};

Judgements judgementsOf(const std::string& check, std::span<const CheckOutcome> outcomes, const Policy& policy) {
  Judgements all;
  for (const CheckOutcome& o : outcomes) {
    if (o.check != check || o.stage == kSanitizer || o.stage == kStatic)
      continue;
    const auto* unknown = std::get_if<Unknown>(&o.outcome);
    all.proved |= isProved(o, policy);
    all.tested |= isTested(o);
    (o.stage == kFormal ? all.formal : all.only_formal) = o.stage == kFormal;
    all.has_candidate |= unknown && unknown->code == unknown_reason::unconfirmed;
    all.has_gap |= unknown && o.stage == kStability;
  }
  return all;
}

bool suffices(const Judgements& check, const Policy& policy, bool tests_ran) {
  if (check.proved)
    return true;
  if (check.has_gap)
    return false;
  if (policy.require != Require::Tests)
    return check.tested && !check.formal;
  return check.tested || (check.only_formal && tests_ran && !check.has_candidate);
}

} // namespace

std::string_view nameOf(Verdict verdict) {
  switch (verdict) {
  case Verdict::Certified: return "certified";
  case Verdict::Refuted: return "refuted";
  case Verdict::Inconclusive: return "inconclusive";
  }
  return "inconclusive";
}

std::string_view nameOf(Require require) {
  switch (require) {
  case Require::Tests: return "tests";
  case Require::Proof: return "proof";
  case Require::UnboundedProof: return "unbounded-proof";
  }
  return "unbounded-proof";
}

std::optional<Require> parseRequire(std::string_view name) {
  for (Require require : {Require::Tests, Require::Proof, Require::UnboundedProof})
    if (name == nameOf(require))
      return require;
  return std::nullopt;
}

Verdict foldVerdict(std::span<const CheckOutcome> outcomes, const Policy& policy) {
  auto refuted = [](const CheckOutcome& o) { return std::holds_alternative<Refuted>(o.outcome); };
  auto formal = [](const CheckOutcome& o) { return o.stage == kFormal; };
  if (std::any_of(outcomes.begin(), outcomes.end(), refuted))
    return Verdict::Refuted;
  // What only reads the source, and another tool's sight of a few launches, can refute, and can fail; they pass nothing, and what
  // they cannot tell blocks nothing. Speed, and agreement with a GPU, are questions beside whether the kernel is right.
  auto reads_only = [](const CheckOutcome& o) { return o.stage == kStatic || o.stage == kSanitizer; };
  auto certifies_nothing = [&](const CheckOutcome& o) { return reads_only(o) || o.stage == kBench || o.stage == kGpu; };
  if (std::all_of(outcomes.begin(), outcomes.end(), certifies_nothing) ||
      std::any_of(outcomes.begin(), outcomes.end(), isAlarm))
    return Verdict::Inconclusive;
  if (policy.require != Require::Tests && std::none_of(outcomes.begin(), outcomes.end(), formal))
    return Verdict::Inconclusive;
  bool tests_ran = std::any_of(outcomes.begin(), outcomes.end(),
                               [&](const CheckOutcome& o) { return isTested(o) && !certifies_nothing(o); });
  auto enough = [&](const CheckOutcome& o) {
    return reads_only(o) || isExcused(o, outcomes) || suffices(judgementsOf(o.check, outcomes, policy), policy, tests_ran);
  };
  return std::all_of(outcomes.begin(), outcomes.end(), enough) ? Verdict::Certified : Verdict::Inconclusive;
}

std::vector<std::string> whatBlocks(std::span<const CheckOutcome> outcomes, const Policy& policy) {
  if (foldVerdict(outcomes, policy) != Verdict::Inconclusive)
    return {};
  std::set<std::string> codes;
  bool tests_ran = std::any_of(outcomes.begin(), outcomes.end(), isTested), proof_wanted = false, judged = false;
  for (const CheckOutcome& o : outcomes) {
    if (o.stage == kStatic)
      continue;
    judged = true;
    const auto* unknown = std::get_if<Unknown>(&o.outcome);
    bool short_of_it = !suffices(judgementsOf(o.check, outcomes, policy), policy, tests_ran);
    if (unknown && (isAlarm(o) || short_of_it))
      codes.insert(unknown->code);
    proof_wanted |= short_of_it && !unknown;
  }
  if (!codes.empty())
    return {codes.begin(), codes.end()};
  // All that was asked passed, and more is wanted: a proof, where only tests ran, or anything, where only text was read.
  bool only_unwanted = judged && (proof_wanted || policy.require != Require::Tests);
  return {only_unwanted ? "proof wanted" : "nothing was run or proved"};
}

std::vector<std::string> contradictions(std::span<const CheckOutcome> outcomes) {
  std::set<std::string> proved, both;
  for (const CheckOutcome& o : outcomes)
    if (std::holds_alternative<Proved>(o.outcome))
      proved.insert(o.check);
  for (const CheckOutcome& o : outcomes)
    if (std::holds_alternative<Refuted>(o.outcome) && proved.count(o.check))
      both.insert(o.check);
  return {both.begin(), both.end()};
}

int exitCodeOf(Verdict verdict) {
  switch (verdict) {
  case Verdict::Certified: return kExitCertified;
  case Verdict::Refuted: return kExitRefuted;
  case Verdict::Inconclusive: return kExitInconclusive;
  }
  return kExitInconclusive;
}

int worstExitCode(std::span<const int> codes) {
  for (int code : {kExitRefuted, kExitError, kExitInconclusive})
    if (std::find(codes.begin(), codes.end(), code) != codes.end())
      return code;
  return codes.empty() ? kExitError : kExitCertified;
}

} // namespace kverify
