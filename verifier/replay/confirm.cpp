#include "verifier/replay/confirm.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

namespace kverify::verifier {

namespace {

/// Sizes that the question did not mention may have any value: the least.
Sizes completed(const Contract& contract, Sizes sizes) {
  for (const SizeDecl& decl : contract.sizes)
    if (decl.kind != SizeDecl::Kind::Equals && !sizes.count(decl.name))
      sizes[decl.name] = decl.kind == SizeDecl::Kind::List && !decl.list.empty() ? decl.list.front() : decl.low;
  return sizes;
}

/// "(2,0,0)" of tid.x#1 and so on; empty where the model says nothing of it.
std::string indexOf(const Candidate& candidate, const std::string& name, const std::string& suffix) {
  std::string text;
  bool known = false;
  for (const char* axis : {".x", ".y", ".z"}) {
    auto value = candidate.model.find(name + axis + suffix);
    known |= value != candidate.model.end();
    text += fmt::format("{}{}", text.empty() ? "" : ",", value != candidate.model.end() ? value->second : 0);
  }
  return known ? "(" + text + ")" : "";
}

/// The sizes, the threads, and which unknown value the solver chose as it liked.
std::string inWords(const Candidate& candidate) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : candidate.sizes)
    parts.push_back(fmt::format("{} = {}", name, value));
  for (const char* thread : {"#1", "#2"})
    if (std::string index = indexOf(candidate, "tid", thread); !index.empty())
      parts.push_back("thread " + index);
  for (const char* thread : {"", "#1", "#2"})
    if (std::string index = indexOf(candidate, "ctaid", thread); !index.empty() && index != "(0,0,0)")
      parts.push_back("block " + index);
  std::string text = fmt::format("candidate {}", fmt::join(parts, ", "));
  if (candidate.blame.empty())
    return text + ", which no run showed";
  std::size_t shown = std::min<std::size_t>(candidate.blame.size(), 3);
  text += fmt::format(", which no run showed: it supposes that {}",
                      fmt::join(candidate.blame.begin(), candidate.blame.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return text + (candidate.blame.size() > shown ? ", ..." : "");
}

class Confirmer {
public:
  Confirmer(const Contract& contract, simt::Program& program, const PlanMaker& plan, const simt::RunLimits& limits)
      : contract_(contract), program_(program), plan_(plan), limits_(limits) {}

  void run(const Candidate& candidate) {
    Sizes sizes = completed(contract_, candidate.sizes);
    if (!tried_.insert(sizes).second)
      return;
    auto plan = plan_(sizes);
    if (!plan)
      return;
    auto run = program_.run(*plan, limits_);
    if (!run)
      return;
    for (Finding& finding : run->findings) {
      SourceLocation at;
      if (!finding.locations.empty() && !finding.locations[0].stack.empty())
        at = finding.locations[0].stack[0];
      if (!places_.emplace(finding.check, at.file, at.line).second)
        continue;
      finding.confirmed = true;
      seen_.push_back({std::move(finding), sizes});
    }
  }

  const std::pair<Finding, Sizes>* find(const std::string& check) const {
    for (const auto& one : seen_)
      if (sameAccusation(check, one.first.check))
        return &one;
    return nullptr;
  }

  const std::vector<std::pair<Finding, Sizes>>& seen() const { return seen_; }
  bool leavesArrays() const {
    return std::any_of(seen_.begin(), seen_.end(), [](const auto& one) { return one.first.check.starts_with("bounds."); });
  }

private:
  const Contract& contract_;
  simt::Program& program_;
  const PlanMaker& plan_;
  const simt::RunLimits& limits_;
  std::set<Sizes> tried_;
  std::set<std::tuple<std::string, std::string, unsigned>> places_;
  std::vector<std::pair<Finding, Sizes>> seen_;
};

Unknown brokenProof(const Finding& finding, bool leaves_arrays) {
  if (leaves_arrays && (finding.check.starts_with("race.") || finding.check == "init.shared-read"))
    return {"not proved", "the proof stands on accesses that stay in bounds, and a launch broke that"};
  return {unknown_reason::tool_error, "proved, and broken by a launch: " + finding.message};
}

} // namespace

bool sameAccusation(const std::string& check, const std::string& found) {
  return check == found || (check == "barrier.divergent" && found == "barrier.deadlock");
}

Confirmation confirmCandidates(const ProveResult& result, const Contract& contract, simt::Program& program,
                               const PlanMaker& plan, const simt::RunLimits& limits, std::size_t most) {
  Confirmer confirmer(contract, program, plan, limits);
  std::map<std::string, std::size_t> tried;
  std::map<std::string, const Candidate*> first;
  for (const Candidate& candidate : result.candidates) {
    first.emplace(candidate.check, &candidate);
    if (tried[candidate.check]++ < most)
      confirmer.run(candidate);
  }
  Confirmation confirmation;
  for (CheckOutcome outcome : result.outcomes) {
    const auto* seen = confirmer.find(outcome.check);
    if (seen && std::holds_alternative<Proved>(outcome.outcome)) {
      outcome.outcome = brokenProof(seen->first, confirmer.leavesArrays());
    } else if (seen) {
      outcome.outcome = Refuted{fmt::format("{} ({})", seen->first.message, seen->first.launch), {}};
    } else if (auto* unknown = std::get_if<Unknown>(&outcome.outcome); unknown && first.count(outcome.check)) {
      unknown->detail += "; " + inWords(*first[outcome.check]);
    }
    confirmation.outcomes.push_back(std::move(outcome));
  }
  for (const auto& [finding, sizes] : confirmer.seen()) {
    confirmation.findings.push_back(finding);
    confirmation.sizes.push_back(sizes);
  }
  return confirmation;
}

} // namespace kverify::verifier
