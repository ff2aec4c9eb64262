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

bool isArithmetic(const std::string& check) {
  return check == "index.overflow" || check == "index.shift";
}

/// The block of the candidate's thread.
Dim3 blockOf(const Candidate& candidate) {
  auto index = [&](const char* name) {
    auto found = candidate.model.find(name);
    return found == candidate.model.end() ? 0u : static_cast<std::uint32_t>(found->second);
  };
  return {index("ctaid.x#1"), index("ctaid.y#1"), index("ctaid.z#1")};
}

/// A launch that is larger takes hours, and the step limit counts loops only.
constexpr double kMostThreads = 1 << 24;

double threadsOf(const LaunchPlan& plan) {
  double threads = 0;
  for (const KernelLaunch& launch : plan.launches) {
    const Dim3& grid = launch.grid;
    threads += double{1} * grid.x * grid.y * grid.z * static_cast<double>(launch.block.count());
  }
  return threads;
}

class Confirmer {
public:
  Confirmer(const Contract& contract, simt::Program& program, const PlanMaker& plan, const simt::RunLimits& limits)
      : contract_(contract), program_(program), plan_(plan), limits_(limits) {}

  void run(const Candidate& candidate) {
    Trial trial{completed(contract_, candidate.sizes), std::nullopt};
    if (isArithmetic(candidate.check) && contract_.launches.size() == 1)
      run(Trial{trial.sizes, blockOf(candidate)});
    run(trial);
  }

  void run(const Trial& trial) {
    if (!tried_.insert(trial).second)
      return;
    auto plan = plan_(trial);
    if (!plan || (!plan->only_block && threadsOf(*plan) > kMostThreads))
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
      seen_.push_back({std::move(finding), trial});
    }
  }

  const std::pair<Finding, Trial>* find(const std::string& check) const {
    for (const auto& one : seen_)
      if (sameAccusation(check, one.first.check))
        return &one;
    return nullptr;
  }

  const std::vector<std::pair<Finding, Trial>>& seen() const { return seen_; }
  bool leavesArrays() const {
    return std::any_of(seen_.begin(), seen_.end(), [](const auto& one) { return one.first.check.starts_with("bounds."); });
  }

private:
  const Contract& contract_;
  simt::Program& program_;
  const PlanMaker& plan_;
  const simt::RunLimits& limits_;
  std::set<Trial> tried_;
  std::set<std::tuple<std::string, std::string, unsigned>> places_;
  std::vector<std::pair<Finding, Trial>> seen_;
};

Unknown brokenProof(const Finding& finding, bool leaves_arrays) {
  if (leaves_arrays && (finding.check.starts_with("race.") || finding.check == "init.shared-read"))
    return {"not proved", "the proof stands on accesses that stay in bounds, and a launch broke that"};
  return {unknown_reason::tool_error, "proved, and broken by a launch: " + finding.message};
}

} // namespace

bool Trial::operator<(const Trial& other) const {
  auto key = [](const Trial& trial) {
    Dim3 block = trial.only_block.value_or(Dim3{});
    return std::tuple<const Sizes&, bool, unsigned, unsigned, unsigned>(trial.sizes, trial.only_block.has_value(), block.x,
                                                                        block.y, block.z);
  };
  return key(*this) < key(other);
}

std::vector<SourceLocation> watchedLines(const ProveResult& result) {
  std::vector<SourceLocation> lines;
  for (const Candidate& candidate : result.candidates)
    if (isArithmetic(candidate.check) && candidate.where.line)
      lines.push_back(candidate.where);
  return lines;
}

std::vector<SourceLocation> watchedLines(const Finding& finding) {
  std::vector<SourceLocation> lines;
  if (isArithmetic(finding.check))
    for (const FindingLocation& location : finding.locations)
      if (!location.stack.empty())
        lines.push_back(location.stack[0]);
  return lines;
}

bool sameAccusation(const std::string& check, const std::string& found) {
  return check == found || (check == "barrier.divergent" && found == "barrier.deadlock");
}

Confirmation confirmCandidates(const ProveResult& result, const Contract& contract, simt::Program& program,
                               const PlanMaker& plan, const simt::RunLimits& limits, std::span<const Trial> more,
                               std::size_t most) {
  Confirmer confirmer(contract, program, plan, limits);
  std::map<std::string, std::size_t> tried;
  std::map<std::string, const Candidate*> first;
  for (const Candidate& candidate : result.candidates) {
    first.emplace(candidate.check, &candidate);
    if (tried[candidate.check]++ < most)
      confirmer.run(candidate);
  }
  for (const auto& [check, candidate] : first)
    for (const Trial& trial : more)
      if ((!candidate->blame.empty() || check.starts_with("race.")) && !confirmer.find(check))
        confirmer.run(trial);
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
  for (const auto& [finding, trial] : confirmer.seen()) {
    confirmation.findings.push_back(finding);
    confirmation.trials.push_back(trial);
  }
  return confirmation;
}

} // namespace kverify::verifier
