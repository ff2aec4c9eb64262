#include "cli/loop/round.h"

#include <cmath>

#include <fmt/format.h>

#include "core/hash.h"

namespace kverify::loop {
namespace {

bool isTime(double ms) {
  return std::isfinite(ms) && ms > 0;
}

} // namespace

bool Round::certified() const {
  return proposal.hasKernel() && !same_as && judgement && judgement->problem.empty() && judgement->verdict == "certified" &&
         !(timing && timing->refused);
}

Step nextStep(const Round& round) {
  if (!round.proposal.hasKernel() || round.same_as)
    return Step::Over;
  if (!round.judgement)
    return Step::Judge;
  return round.certified() && !round.timing ? Step::Time : Step::Over;
}

bool better(const Round& round, const Round* best, double margin) {
  if (!round.certified() || !round.timing)
    return false;
  if (!best)
    return true;
  const std::optional<double>&now = round.timing->ms, &then = best->timing->ms;
  if (!now || !then)
    return now && !then;
  return round.timing->claim.empty() ? *now < *then * (1 - margin) : round.timing->claim == "faster";
}

const Round* bestOf(const std::vector<Round>& rounds, double margin) {
  const Round* best = nullptr;
  for (const Round& round : rounds)
    if (better(round, best, margin))
      best = &round;
  return best;
}

const Round* firstOf(const std::vector<Round>& rounds) {
  for (const Round& round : rounds)
    if (better(round, nullptr, 0))
      return &round;
  return nullptr;
}

std::string statusOf(const Round& round) {
  if (round.proposal.done)
    return "nothing more to propose";
  if (!round.proposal.problem.empty())
    return "no proposal";
  if (round.same_as)
    return fmt::format("the same as round {}", *round.same_as);
  if (!round.judgement)
    return "not judged";
  if (round.timing && round.timing->refused)
    return "refuted by its timing";
  return round.judgement->verdict;
}

std::string digestOf(const Proposal& proposal) {
  return sha256Hex(sha256Hex(proposal.source) + sha256Hex(proposal.contract));
}

Json toJson(const Proposal& p) {
  Json j = {{"seconds", p.seconds}};
  if (p.done)
    j["done"] = true;
  if (!p.problem.empty())
    j["problem"] = p.problem;
  if (p.hasKernel()) {
    j["sha256"] = digestOf(p);
    j["kernel"] = p.source;
    j["contract"] = p.contract;
  }
  if (!p.note.empty())
    j["note"] = p.note;
  if (!p.state.is_null())
    j["state"] = p.state;
  return j;
}

Json toJson(const Judgement& judgement) {
  Json j = {{"verdict", judgement.verdict}, {"seconds", judgement.seconds}};
  if (!judgement.problem.empty())
    j["problem"] = judgement.problem;
  if (!judgement.feedback.is_null())
    j["feedback"] = judgement.feedback;
  return j;
}

Json toJson(const Timing& timing) {
  Json j = {{"ms", timing.ms ? Json(*timing.ms) : Json()}, {"seconds", timing.seconds}};
  if (!timing.problem.empty())
    j["problem"] = timing.problem;
  if (timing.refused)
    j["refused"] = true;
  if (!timing.claim.empty())
    j["claim"] = timing.claim;
  return j;
}

// What a value of another type stands for is nothing: an entry of the journal is taken whole or not at all.
std::optional<Proposal> proposalFrom(const Json& j) try {
  Proposal p{.problem = j.value("problem", ""), .source = j.value("kernel", ""), .contract = j.value("contract", ""),
             .note = j.value("note", ""), .state = j.value("state", Json()), .done = j.value("done", false),
             .seconds = j.at("seconds").get<double>()};
  if (p.hasKernel() && j.at("sha256").get<std::string>() != digestOf(p))
    return std::nullopt;
  return p;
} catch (const Json::exception&) {
  return std::nullopt;
}

std::optional<Judgement> judgementFrom(const Json& j) try {
  return Judgement{.verdict = j.at("verdict").get<std::string>(), .problem = j.value("problem", ""),
                   .feedback = j.value("feedback", Json()), .seconds = j.at("seconds").get<double>()};
} catch (const Json::exception&) {
  return std::nullopt;
}

std::optional<Timing> timingFrom(const Json& j) try {
  Timing timing{.ms = std::nullopt, .problem = j.value("problem", ""), .refused = j.value("refused", false),
                .claim = j.value("claim", ""), .seconds = j.at("seconds").get<double>()};
  if (!j.at("ms").is_null())
    timing.ms = j["ms"].get<double>();
  if (timing.ms && !isTime(*timing.ms))
    return std::nullopt;
  return timing;
} catch (const Json::exception&) {
  return std::nullopt;
}

} // namespace kverify::loop
