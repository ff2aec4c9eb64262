#include "cli/loop/propose.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/child/child.h"
#include "core/near_name.h"

namespace kverify::loop {
namespace {

constexpr std::size_t kMostKernel = std::size_t{1} << 20, kMostState = std::size_t{1} << 16, kMostNote = 200;
constexpr std::size_t kWholeRounds = 8; ///< so many of the last come with kernel and feedback

Json roundJson(const Round& round, bool whole, const Round* best) {
  Json j = {{"round", round.number}, {"status", statusOf(round)}, {"best", &round == best}};
  if (!round.proposal.note.empty())
    j["note"] = round.proposal.note;
  if (!round.proposal.state.is_null())
    j["state"] = round.proposal.state;
  if (!round.proposal.problem.empty())
    j["problem"] = round.proposal.problem;
  if (round.timing) {
    j["ms"] = round.timing->ms ? Json(*round.timing->ms) : Json();
    if (!round.timing->problem.empty())
      j["timing_problem"] = round.timing->problem;
    if (!round.timing->claim.empty())
      j["claim"] = round.timing->claim;
  }
  if (!whole || !round.proposal.hasKernel())
    return j;
  j["kernel"] = round.proposal.source;
  j["contract"] = Json::parse(round.proposal.contract, nullptr, false);
  if (round.judgement && !round.judgement->problem.empty())
    j["problem"] = round.judgement->problem;
  if (round.judgement && !round.judgement->feedback.is_null())
    j["feedback"] = round.judgement->feedback;
  return j;
}

Proposal problem(std::string why) {
  Proposal none;
  none.problem = std::move(why);
  return none;
}

/// Text of a program, made valid UTF-8.
std::string clean(const std::string& text) {
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

std::string textOf(const ToolError& error) {
  return error.message + (error.hint.empty() ? "" : "; " + error.hint);
}

/// Why there is no proposal, where the command itself went wrong.
std::string whyNone(const cli::Child& child, double limit) {
  std::string said = clean(cli::lastWords(child.err(), 600));
  std::string after = said.empty() ? "" : ": " + said;
  if (child.timedOut())
    return fmt::format("the proposer was ended after {:g} s{}", limit, after);
  if (child.wroteTooMuch())
    return "the proposer wrote more than can be taken";
  if (child.exitCode() > 128)
    return fmt::format("the proposer was ended by signal {}{}", child.exitCode() - 128, after);
  return child.exitCode() ? fmt::format("the proposer ended with {}{}", child.exitCode(), after) : "";
}

Expected<std::string> textMember(const Json& j, const char* name, std::size_t most) {
  if (!j[name].is_string())
    return fail(ErrorKind::Input, fmt::format("'{}' must be a string", name));
  std::string text = j[name].get<std::string>();
  if (text.size() > most)
    return fail(ErrorKind::Input, fmt::format("'{}' has {} bytes; {} are the most", name, text.size(), most));
  return text;
}

Expected<void> checkKeys(const Json& j) {
  const std::vector<std::string> known = {"format", "kernel", "contract", "note", "state", "done"};
  if (!j.is_object())
    return fail(ErrorKind::Input, "what it wrote is no JSON object");
  for (const auto& [name, value] : j.items())
    if (std::find(known.begin(), known.end(), name) == known.end())
      return fail(ErrorKind::Input, fmt::format("'{}' is not known in a proposal", name), "", didYouMean(name, known));
  if (j.value("format", Json(kProposalFormat)) != kProposalFormat)
    return fail(ErrorKind::Input, fmt::format("'format' must be \"{}\"", kProposalFormat));
  if (j.contains("done") && !j["done"].is_boolean())
    return fail(ErrorKind::Input, "'done' must be true or false");
  return {};
}

} // namespace

Json proposeInput(const Task& task, const std::vector<Round>& history, unsigned number, unsigned rounds, double margin) {
  const Round* best = bestOf(history, margin);
  Json j = {{"format", kProposeFormat},
            {"round", number},
            {"rounds", rounds},
            {"spec", {{"name", task.spec_name}, {"document", task.spec}}},
            {"contract", task.contract},
            {"best", best ? roundJson(*best, true, best) : Json()},
            {"history", Json::array()}};
  for (std::size_t i = 0; i < history.size(); ++i)
    j["history"].push_back(roundJson(history[i], i + kWholeRounds >= history.size(), best));
  return j;
}

Expected<Proposal> readProposal(const Task& task, const std::string& text) {
  Json j = Json::parse(text, nullptr, false);
  if (auto keys = checkKeys(j); !keys)
    return tl::unexpected(keys.error());
  Proposal proposal;
  if (j.contains("note")) {
    auto note = textMember(j, "note", kMostNote);
    if (!note)
      return tl::unexpected(note.error());
    proposal.note = *note;
  }
  if (j.contains("state") && j["state"].dump().size() > kMostState)
    return fail(ErrorKind::Input, fmt::format("'state' has more than {} bytes", kMostState));
  proposal.state = j.value("state", Json());
  proposal.done = j.value("done", false);
  if (proposal.done)
    return proposal;
  if (!j.contains("kernel"))
    return fail(ErrorKind::Input, "'kernel' is missing, the text of the .cu file");
  auto kernel = textMember(j, "kernel", kMostKernel);
  if (!kernel)
    return tl::unexpected(kernel.error());
  if (kernel->empty())
    return fail(ErrorKind::Input, "'kernel' is empty");
  if (!j.contains("contract") && task.contract.is_null())
    return fail(ErrorKind::Input, "'contract' is missing, and the loop was not given one");
  Json given = j.value("contract", task.contract);
  auto contract = contractFor(task, "", given.is_string() ? given.get<std::string>() : given.dump());
  if (!contract)
    return tl::unexpected(contract.error());
  proposal.source = *kernel;
  proposal.contract = contract->dump(2) + "\n";
  return proposal;
}

Expected<Proposal> propose(const Proposer& proposer, const Task& task, const Json& input, const std::function<bool()>& stop) {
  auto child = cli::runChild({"/bin/sh", "-c", proposer.command},
                             {.input = input.dump() + "\n", .seconds = proposer.seconds, .most_bytes = std::size_t{4} << 20}, stop);
  if (!child)
    return tl::unexpected(child.error());
  std::string why = whyNone(**child, proposer.seconds);
  Proposal proposal = problem(why);
  if (why.empty()) {
    auto read = readProposal(task, (*child)->out());
    proposal = read ? *read : problem("the proposer's answer is not taken: " + textOf(read.error()));
  }
  proposal.seconds = (*child)->secondsSoFar();
  return proposal;
}

} // namespace kverify::loop
