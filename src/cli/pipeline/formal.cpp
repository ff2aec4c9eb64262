#include "cli/pipeline/formal.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "verifier/checks/prove.h"
#include "verifier/replay/confirm.h"

namespace kverify::pipeline {
namespace {

/// A launch that shows a defect is small; one that a solver made up may be anything.
constexpr std::uint64_t kCandidateSteps = std::uint64_t{1} << 26;
constexpr std::uint64_t kCandidateBytes = std::uint64_t{1} << 30;

std::string dimText(const Dim3& d) {
  if (d.z > 1)
    return fmt::format("({},{},{})", d.x, d.y, d.z);
  return d.y > 1 ? fmt::format("({},{})", d.x, d.y) : fmt::format("{}", d.x);
}

/// What a proof without contract covers, in words.
std::string assumedScope(const contract::AssumeOptions& launch, const Contract& contract) {
  std::string text = fmt::format("grid {}, block {}", dimText(launch.grid), dimText(launch.block));
  for (const auto& [name, value] : launch.args)
    text += fmt::format(", {} = {}", name, value);
  for (const SizeDecl& size : contract.sizes)
    text += fmt::format(", any {}{}", size.name, size.low < 0 ? "" : " >= 0");
  return text;
}

generate::Case caseAt(const Subject& subject, const Sizes& sizes, std::uint64_t seed) {
  generate::Case one{.seed = seed, .family = "normal"};
  if (!subject.contract) {
    one.sizes = sizes;
    return one;
  }
  auto complete = completeSizes(*subject.contract, sizes);
  one.sizes = complete ? *complete : sizes;
  std::vector<std::string> families = generate::familyNames(*subject.contract);
  if (!families.empty())
    one.family = families.front();
  return one;
}

std::vector<CheckOutcome> allUnknown(const Unknown& why) {
  std::vector<CheckOutcome> outcomes;
  for (const ProofInfo* proof : allProofs())
    outcomes.push_back({proof->check, "formal", why, 0});
  return outcomes;
}

verifier::Confirmation runCandidates(const Subject& subject, const Contract& contract, const AuditOptions& options,
                                     const verifier::ProveResult& proved, simt::Program& program) {
  verifier::PlanMaker plan = [&](const Sizes& sizes) {
    return planOf(subject, caseAt(subject, sizes, options.seed), kCandidateBytes);
  };
  simt::RunLimits limits{.steps = std::min(options.steps, kCandidateSteps), .memory_bytes = kCandidateBytes};
  if (options.stop)
    limits.stop = &options.stop->stop;
  return verifier::confirmCandidates(proved, contract, program, plan, limits);
}

bool isAssumedExtent(const Finding& finding) {
  return finding.check.starts_with("bounds.global-");
}

void confirmByRuns(Subject& subject, const Contract& contract, const AuditOptions& options,
                   const verifier::ProveResult& proved, FormalResult& result) {
  auto program = simt::Program::create(subject.module);
  if (!program) {
    result.notes.push_back("the solver's candidates could not be run: " + program.error().message);
    return;
  }
  verifier::Confirmation seen = runCandidates(subject, contract, options, proved, **program);
  if (!subject.contract && std::any_of(seen.findings.begin(), seen.findings.end(), isAssumedExtent)) {
    assumeBuffers(subject, kLargeAssumedBuffers);
    seen = runCandidates(subject, contract, options, proved, **program);
  }
  result.outcomes = std::move(seen.outcomes);
  for (std::size_t i = 0; i < seen.findings.size(); ++i)
    if (subject.contract || !isAssumedExtent(seen.findings[i]))
      result.shown.push_back({seen.findings[i], caseAt(subject, seen.sizes[i], options.seed)});
}

/// The finding of `settled` that shows that the check is broken, a confirmed one if there is any.
const Finding* accusationOf(const std::string& check, const std::vector<ShownFinding>& settled) {
  const Finding* best = nullptr;
  for (const ShownFinding& shown : settled)
    if (verifier::sameAccusation(check, shown.finding.check) && (!best || !best->confirmed))
      best = &shown.finding;
  return best;
}

} // namespace

FormalResult judgeFormally(Subject& subject, const AuditOptions& options) {
  FormalResult result;
  Expected<Contract> contract = tl::unexpected(ToolError{});
  if (subject.contract)
    contract = *subject.contract;
  else
    contract = contract::assumedContract(*subject.kernelInfo(subject.kernels[0]), *subject.job.launch);
  if (!contract) {
    result.outcomes = allUnknown({unknown_reason::unsupported, contract.error().message});
    return result;
  }
  verifier::ProveOptions prove;
  prove.assumed_launch = !subject.contract;
  verifier::ProveResult proved = verifier::judgeKernel(subject.module, *contract, prove);
  if (!subject.contract)
    for (CheckOutcome& one : proved.outcomes)
      if (auto* known = std::get_if<Proved>(&one.outcome))
        known->scope = assumedScope(*subject.job.launch, *contract);
  result.outcomes = proved.outcomes;
  if (!proved.candidates.empty())
    confirmByRuns(subject, *contract, options, proved, result);
  return result;
}

std::vector<CheckOutcome> withFindings(std::vector<CheckOutcome> outcomes, const std::vector<ShownFinding>& settled) {
  std::set<std::string> known;
  for (CheckOutcome& one : outcomes) {
    known.insert(one.check);
    if (!std::holds_alternative<Refuted>(one.outcome))
      continue;
    const Finding* finding = accusationOf(one.check, settled);
    if (finding && finding->confirmed)
      one.outcome = Refuted{finding->message, finding->replay};
    else
      one.outcome = Unknown{unknown_reason::unconfirmed, "a run showed it once, and a second run did not"};
  }
  for (const ShownFinding& shown : settled)
    if (shown.finding.confirmed && known.insert(shown.finding.check).second)
      outcomes.push_back({shown.finding.check, "formal", Refuted{shown.finding.message, shown.finding.replay}, 0});
  return outcomes;
}

void reconcile(KernelReport& report) {
  auto refuted = [&](std::string_view family) {
    return std::any_of(report.outcomes.begin(), report.outcomes.end(), [&](const CheckOutcome& one) {
      return std::string_view(one.check).starts_with(family) && std::holds_alternative<Refuted>(one.outcome);
    });
  };
  bool leaves_arrays = refuted("bounds.");
  for (const std::string& check : contradictions(report.outcomes)) {
    bool is_void = leaves_arrays && check.starts_with("race.");
    for (CheckOutcome& one : report.outcomes) {
      if (one.check != check || !std::holds_alternative<Proved>(one.outcome))
        continue;
      one.outcome = is_void ? Unknown{"not proved", "the proof stands on accesses that stay in bounds, and a run broke that"}
                            : Unknown{unknown_reason::tool_error, "proved, and broken by a run: the proof is wrong"};
    }
    if (!is_void)
      report.notes.push_back(fmt::format("kverify CONTRADICTS ITSELF: {} was proved and a run broke it. The run is "
                                         "right, the prover has a defect: please report it with the replay file",
                                         check));
  }
}

} // namespace kverify::pipeline
