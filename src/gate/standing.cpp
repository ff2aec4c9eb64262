#include "gate/standing.h"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>

namespace kverify::gate {
namespace {

constexpr std::string_view kBeside[] = {"static", "sanitizer", "bench", "gpu"};

bool isOneOf(std::string_view stage, std::span<const std::string_view> stages) {
  return std::find(stages.begin(), stages.end(), stage) != stages.end();
}

const Unknown* unknownOf(const CheckOutcome& o) {
  return std::get_if<Unknown>(&o.outcome);
}

bool isTested(const CheckOutcome& o) {
  const auto* tested = std::get_if<Tested>(&o.outcome);
  return tested && tested->cases > 0;
}

/// No other stage makes it good.
bool isAlarm(const CheckOutcome& o) {
  const Unknown* unknown = unknownOf(o);
  return unknown && (unknown->code == unknown_reason::tool_error ||
                     (unknown->code == unknown_reason::unconfirmed && o.stage != "formal"));
}

std::string sentence(const CheckOutcome& o, const Unknown& unknown) {
  return fmt::format("{} is not known ({}): {}{}", o.check, o.stage, unknown.code, unknown.detail.empty() ? "" : ": " + unknown.detail);
}

/// All that was said about one check by the stages whose word counts.
struct Word {
  bool proved = false, unbounded = false, tested = false, formal = false, only_formal = true, candidate = false;
  const CheckOutcome* unknown = nullptr;
};

std::map<std::string, Word> wordsOn(std::span<const CheckOutcome> outcomes, const std::set<std::string>& accepted) {
  std::map<std::string, Word> words;
  const bool values_tested =
      std::any_of(outcomes.begin(), outcomes.end(), [](const CheckOutcome& o) { return o.check == "numerics.bound" && isTested(o); });
  for (const CheckOutcome& o : outcomes) {
    if (o.stage == "static" || o.stage == "sanitizer" || accepted.count(o.check))
      continue;
    if (unknownOf(o) && unknownOf(o)->code == unknown_reason::not_judged && values_tested)
      continue; // as in foldVerdict, rule 7
    Word& word = words[o.check];
    if (const auto* proved = std::get_if<Proved>(&o.outcome)) {
      word.proved = true;
      word.unbounded |= !proved->scope.starts_with("bounded");
    }
    word.tested |= isTested(o);
    (o.stage == "formal" ? word.formal : word.only_formal) = o.stage == "formal";
    if (const Unknown* unknown = unknownOf(o)) {
      word.candidate |= unknown->code == unknown_reason::unconfirmed;
      word.unknown = &o;
    }
  }
  return words;
}

bool suffices(const Word& word, Require require, bool tests_ran) {
  if (require == Require::UnboundedProof ? word.unbounded : word.proved)
    return true;
  if (require != Require::Tests)
    return word.tested && !word.formal; // nobody can prove it
  return word.tested || (word.only_formal && tests_ran && !word.candidate);
}

OpenQuestion missing(const std::string& check, const Word& word, Require require) {
  if (require != Require::Tests && (word.proved || word.tested))
    return {check, check + "|" + std::string(kverify::nameOf(require)),
            fmt::format("{} is {}, and {} is required", check, word.proved ? "proved within bounds" : "tested",
                        require == Require::Proof ? "a proof" : "an unbounded proof")};
  if (!word.unknown)
    return {check, check + "|no cases", fmt::format("{} passed on no case", check)};
  const Unknown& unknown = *unknownOf(*word.unknown);
  return {check, check + "|" + unknown.code, sentence(*word.unknown, unknown)};
}

void askOfStages(const KernelReport& kernel, const Demands& demands, std::vector<OpenQuestion>& open) {
  auto silent = [&](const char* stage) {
    open.push_back({"", fmt::format("stage {}", stage), fmt::format("the stage {} must pass, and judged nothing", stage)});
  };
  auto any = [&](std::string_view stage, auto says) {
    return std::any_of(kernel.outcomes.begin(), kernel.outcomes.end(), [&](const CheckOutcome& o) { return o.stage == stage && says(o); });
  };
  auto anything = [](const CheckOutcome&) { return true; };
  if (demands.wants("static") && kernel.static_checks == 0)
    silent("static");
  if (demands.wants("fuzz") && !any("fuzz", [](const CheckOutcome& o) { return !unknownOf(o); }))
    silent("fuzz");
  if (demands.wants("formal") && !any("formal", anything) && kernel.idle.empty())
    silent("formal");
  for (const char* stage : {"sanitizer", "bench"})
    if (demands.wants(stage) && !any(stage, anything))
      silent(stage);
  if (demands.wants("stability") && !kernel.stability && !any("stability", anything) && !kernel.spec.empty())
    silent("stability");
  // What these stages leave open no other one answers.
  for (const CheckOutcome& o : kernel.outcomes)
    if (const Unknown* unknown = unknownOf(o); unknown && (o.stage == "stability" || o.stage == "sanitizer") && demands.wants(o.stage))
      open.push_back({o.check, fmt::format("{} by {}|{}", o.check, o.stage, unknown->code), sentence(o, *unknown)});
}

} // namespace

std::vector<OpenQuestion> openQuestions(const KernelReport& kernel, const Demands& demands, const std::set<std::string>& accepted) {
  std::vector<OpenQuestion> open;
  const std::vector<CheckOutcome>& outcomes = kernel.outcomes;
  for (const CheckOutcome& o : outcomes)
    if (isAlarm(o))
      open.push_back({o.check, o.check.empty() || unknownOf(o)->code == unknown_reason::tool_error ? "" : o.check + "|" + unknownOf(o)->code,
                      sentence(o, *unknownOf(o))});
  for (const std::string& check : contradictions(outcomes))
    open.push_back({check, "", fmt::format("{} was proved by one stage and broken by another: kverify is wrong about it", check)});
  askOfStages(kernel, demands, open);
  if (demands.stages == std::vector<std::string>{"static"})
    return open;
  auto beside = [](const CheckOutcome& o) { return isOneOf(o.stage, kBeside); };
  if (std::all_of(outcomes.begin(), outcomes.end(), beside))
    open.push_back({"", "nothing", "nothing was run or proved"});
  auto formal = [](const CheckOutcome& o) { return o.stage == "formal"; };
  if (demands.strongestRequire() != Require::Tests && std::none_of(outcomes.begin(), outcomes.end(), formal))
    open.push_back({"", "stage formal", "a proof is required, and nothing was asked of the solver"});
  bool tests_ran = std::any_of(outcomes.begin(), outcomes.end(), [&](const CheckOutcome& o) { return isTested(o) && !beside(o); });
  auto is_refuted = [&](const std::string& check) {
    return std::any_of(outcomes.begin(), outcomes.end(),
                       [&](const CheckOutcome& o) { return o.check == check && std::holds_alternative<Refuted>(o.outcome); });
  };
  for (const auto& [check, word] : wordsOn(outcomes, accepted))
    if (is_refuted(check)) // a reason of its own, and no question
      continue;
    else if (Require require = demands.requireOf(check); !suffices(word, require, tests_ran))
      open.push_back(missing(check, word, require));
  return open;
}

} // namespace kverify::gate
