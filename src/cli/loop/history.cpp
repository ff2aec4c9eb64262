#include "cli/loop/history.h"

#include <fmt/format.h>

namespace kverify::loop {
namespace {

/// For a cell: on one line, and nothing in it that markdown or a browser would take for its own.
std::string cell(const std::string& text, std::size_t most = 120) {
  std::string out;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    if (!continues && ++characters > most)
      return out + "…";
    if (c == '|' || c == '\\' || c == '`' || c == '*' || c == '_' || c == '[' || c == ']')
      out += '\\';
    out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : c == '\n' || c == '\r' || c == '\t' ? " " : std::string(1, c);
  }
  return out;
}

/// What went wrong first, in a few words.
std::string whyOf(const Round& round) {
  if (!round.proposal.problem.empty())
    return round.proposal.problem;
  if (round.timing && !round.timing->problem.empty())
    return round.timing->problem;
  if (!round.judgement)
    return {};
  if (!round.judgement->problem.empty())
    return round.judgement->problem;
  for (const Json& kernel : round.judgement->feedback.value("kernels", Json::array()))
    if (kernel.contains("first")) {
      const Json& first = kernel["first"];
      std::string check = first.value("check", first.value("kind", ""));
      return check + ": " + first.value("message", "");
    }
  return {};
}

std::string timeOf(const Round& round) {
  return round.timing && round.timing->ms ? fmt::format("{:.4g}", *round.timing->ms) : "";
}

double secondsOf(const Round& round) {
  return round.proposal.seconds + (round.judgement ? round.judgement->seconds : 0) + (round.timing ? round.timing->seconds : 0);
}

} // namespace

std::string historyTable(const History& history) {
  std::string out = fmt::format("# kverify loop: {}\n\n| round | verdict | ms | best | note | what stood against it | seconds |\n"
                                "| ---: | --- | ---: | --- | --- | --- | ---: |\n",
                                cell(history.spec));
  const Round* best = nullptr;
  for (const Round& round : history.rounds) {
    bool now = better(round, best, history.margin);
    if (now)
      best = &round;
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {:.1f} |\n", round.number, cell(statusOf(round)), timeOf(round),
                       now ? "yes, from here" : "", cell(round.proposal.note), cell(whyOf(round)), secondsOf(round));
  }
  return out + "\n" + conclusionOf(history) + "\n";
}

std::string conclusionOf(const History& history) {
  const Round *best = bestOf(history.rounds, history.margin), *first = firstOf(history.rounds);
  std::string ended = history.ended.empty() ? "" : " (" + history.ended + ")";
  if (!best)
    return "best: none, no kernel was certified" + ended;
  std::string out = fmt::format("best: round {}", best->number);
  if (!best->timing->ms)
    return out + ", the first that was certified; nothing was timed, so that none is known to be faster" + ended;
  out += fmt::format(", {:.4g} ms", *best->timing->ms);
  if (best == first)
    return out + ", where it began: nothing faster was certified" + ended;
  if (first->timing->ms)
    out += fmt::format(", {:.2f} times as fast as round {}, where it began", *first->timing->ms / *best->timing->ms, first->number);
  return out + ended;
}

std::string historyJson(const History& history) {
  const Round *best = bestOf(history.rounds, history.margin), *first = firstOf(history.rounds);
  Json j = {{"format", kLoopFormat},
            {"tool_version", history.version},
            {"spec", history.spec},
            {"ended", history.ended},
            {"conclusion", conclusionOf(history)},
            {"began", first ? Json(first->number) : Json()},
            {"best", best ? Json(best->number) : Json()},
            {"rounds", Json::array()}};
  for (const Round& round : history.rounds) {
    Json one = {{"round", round.number}, {"status", statusOf(round)}, {"proposal", toJson(round.proposal)}};
    if (round.same_as)
      one["same_as"] = *round.same_as;
    if (round.judgement)
      one["judged"] = toJson(*round.judgement);
    if (round.timing)
      one["timed"] = toJson(*round.timing);
    j["rounds"].push_back(std::move(one));
  }
  return j.dump(2) + "\n";
}

} // namespace kverify::loop
