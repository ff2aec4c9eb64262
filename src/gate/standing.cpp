#include "gate/standing.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "core/sufficiency.h"

namespace kverify::gate {
namespace {

const Unknown* unknownOf(const CheckOutcome& o) {
  return std::get_if<Unknown>(&o.outcome);
}

std::string sentence(const CheckOutcome& o, const Unknown& unknown) {
  return fmt::format("{} is not known ({}): {}{}", o.check, o.stage, unknown.code, unknown.detail.empty() ? "" : ": " + unknown.detail);
}

/// What is missing of a check for which what was said is not enough.
OpenQuestion missing(const std::string& check, std::span<const CheckOutcome> outcomes, Require require) {
  bool proved = false, tested = false;
  const CheckOutcome* open = nullptr;
  for (const CheckOutcome& o : outcomes) {
    if (o.check != check || o.stage == "static" || o.stage == "sanitizer")
      continue;
    proved |= std::holds_alternative<Proved>(o.outcome);
    tested |= isTested(o);
    if (unknownOf(o))
      open = &o;
  }
  if (require != Require::Tests && (proved || tested))
    return {check, check + "|" + std::string(kverify::nameOf(require)),
            fmt::format("{} is {}, and {} is required", check, proved ? "proved within bounds" : "tested",
                        require == Require::Proof ? "a proof" : "an unbounded proof")};
  if (!open)
    return {check, check + "|no cases", fmt::format("{} passed on no case", check)};
  return {check, check + "|" + unknownOf(*open)->code, sentence(*open, *unknownOf(*open))};
}

/// Without what askOfStages has asked of the stress list already.
std::vector<CheckOutcome> withoutGaps(const std::vector<CheckOutcome>& outcomes, const Demands& demands) {
  std::vector<CheckOutcome> rest;
  for (const CheckOutcome& o : outcomes)
    if (!unknownOf(o) || o.stage != "stability" || !demands.wants("stability"))
      rest.push_back(o);
  return rest;
}

/// Neither refuted, which is a reason of its own, nor let in, and not enough is known of them.
std::set<std::string> shortOfIt(std::span<const CheckOutcome> outcomes, const Demands& demands, const std::set<std::string>& accepted) {
  std::set<std::string> checks;
  for (const CheckOutcome& o : outcomes)
    if (!accepted.count(o.check) && !isEnough(o, outcomes, demands.requireOf(o.check)))
      checks.insert(o.check);
  for (const CheckOutcome& o : outcomes)
    if (std::holds_alternative<Refuted>(o.outcome))
      checks.erase(o.check);
  return checks;
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
  if (std::all_of(outcomes.begin(), outcomes.end(), certifiesNothing))
    open.push_back({"", "nothing", "nothing was run or proved"});
  auto formal = [](const CheckOutcome& o) { return o.stage == "formal"; };
  if (demands.strongestRequire() != Require::Tests && std::none_of(outcomes.begin(), outcomes.end(), formal))
    open.push_back({"", "stage formal", "a proof is required, and nothing was asked of the solver"});
  const std::vector<CheckOutcome> rest = withoutGaps(outcomes, demands);
  for (const std::string& check : shortOfIt(rest, demands, accepted))
    open.push_back(missing(check, rest, demands.requireOf(check)));
  return open;
}

} // namespace kverify::gate
