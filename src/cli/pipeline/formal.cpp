#include "cli/pipeline/formal.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "core/hash.h"
#include "core/proof_bundle.h"
#include "report/json.h"
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

/// Integers that nobody gave a value are followed over their whole type; where index arithmetic wraps there, so far, and
/// where it wraps there too, from 0.
constexpr std::int64_t kNarrow = 1 << 15;

/// What a proof without contract covers, in words.
std::string assumedScope(const contract::AssumeOptions& launch, const Contract& contract) {
  std::string text = fmt::format("grid {}, block {}", dimText(launch.grid), dimText(launch.block));
  for (const auto& [name, value] : launch.args)
    text += fmt::format(", {} = {}", name, value);
  for (const SizeDecl& size : contract.sizes)
    if (size.high <= kNarrow)
      text += fmt::format(", {} in [{}, {}]", size.name, size.low, size.high);
    else
      text += fmt::format(", any {}{}", size.name, size.low < 0 ? "" : " >= 0");
  return text;
}

generate::Case caseAt(const Subject& subject, const verifier::Trial& trial, std::uint64_t seed) {
  generate::Case one{.seed = seed, .family = "normal", .only_block = trial.only_block};
  if (!subject.contract) {
    one.sizes = trial.sizes;
    return one;
  }
  auto complete = completeSizes(*subject.contract, trial.sizes);
  one.sizes = complete ? *complete : trial.sizes;
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

/// Launches as the fuzz stage makes them, a few.
std::vector<verifier::Trial> usualTrials(const Subject& subject, const AuditOptions& options) {
  std::vector<verifier::Trial> trials;
  auto cases = casesOf(subject, options.seed, {.cases = 4});
  for (std::size_t i = 0; cases && i < cases->cases.size(); ++i)
    trials.push_back({cases->cases[i].sizes, std::nullopt});
  return trials;
}

verifier::Confirmation runCandidates(const Subject& subject, const Contract& contract, const AuditOptions& options,
                                     const verifier::ProveResult& proved, simt::Program& program) {
  verifier::PlanMaker plan = [&](const verifier::Trial& trial) {
    return planOf(subject, caseAt(subject, trial, options.seed), kCandidateBytes);
  };
  simt::RunLimits limits{.steps = std::min(options.steps, kCandidateSteps), .memory_bytes = kCandidateBytes, .equal_writes = allowsEqualWrites(subject, options)};
  if (options.stop)
    limits.stop = &options.stop->stop;
  return verifier::confirmCandidates(proved, contract, program, plan, limits, usualTrials(subject, options));
}

bool isAssumedExtent(const Finding& finding) {
  return finding.check.starts_with("bounds.global-");
}

void confirmByRuns(Subject& subject, const Contract& contract, const AuditOptions& options,
                   const verifier::ProveResult& proved, FormalResult& result) {
  std::vector<SourceLocation> watch = verifier::watchedLines(proved);
  std::erase_if(watch, [&](const SourceLocation& line) { // what a header of the system does is not the user's to mend
    return std::any_of(subject.system_folders.begin(), subject.system_folders.end(),
                       [&](const std::string& folder) { return line.file.starts_with(folder); });
  });
  auto program = simt::Program::create(subject.module, {.watch = std::move(watch)});
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
      result.shown.push_back({seen.findings[i], caseAt(subject, seen.trials[i], options.seed)});
}

/// The finding of `settled` that shows that the check is broken, a confirmed one if there is any.
const Finding* accusationOf(const std::string& check, const std::vector<ShownFinding>& settled) {
  const Finding* best = nullptr;
  for (const ShownFinding& shown : settled)
    if (verifier::sameAccusation(check, shown.finding.check) && (!best || !best->confirmed))
      best = &shown.finding;
  return best;
}

bool mayWrap(const verifier::ProveResult& result) {
  return std::any_of(result.outcomes.begin(), result.outcomes.end(), [](const CheckOutcome& one) {
    return one.check == "index.overflow" && !std::holds_alternative<Proved>(one.outcome);
  });
}

void narrow(Contract& contract, std::int64_t low) {
  for (SizeDecl& size : contract.sizes) {
    size.low = std::max(size.low, low);
    size.high = std::min(size.high, kNarrow);
  }
}

/// What this kernel's proofs depend on, beside the tool: the code, and the launches.
struct Identity {
  std::string name; ///< in the job's bundle: one a kernel and launch, whatever their text is
  std::string key;  ///< of everything that a proof of it depends on
};

Identity identityOf(const Subject& subject, const Contract& contract, bool equal_writes) {
  std::string launch = subject.contract ? subject.contract->sha256 : assumedScope(*subject.job.launch, contract);
  if (!subject.contract)
    launch += fmt::format(", shared {}", subject.job.launch->dynamic_shared_bytes);
  Identity identity;
  identity.name = fmt::format("{}\n{}", subject.displayName(), subject.contract ? "" : launch);
  identity.key = sha256Hex(sha256Hex(subject.module.bitcode) + "\n" + subject.displayName() + "\n" + launch +
                           (equal_writes ? "\nsame values allowed" : ""));
  return identity;
}

/// An entry: a key and all outcomes of the stage, where all were proved; then the queries that were proved.
struct Remembered {
  std::string key;
  std::vector<CheckOutcome> outcomes;
  std::vector<NothingToJudge> idle;
  std::set<std::string> queries;
};

Remembered recall(const ProofBundle& cache, const std::string& name) {
  Remembered known;
  std::istringstream text(cache.load(name).value_or(""));
  std::string line;
  std::getline(text, known.key);
  if (std::getline(text, line) && !line.empty())
    if (auto report = report::kernelFromJson(line)) {
      known.outcomes = std::move(report->outcomes);
      known.idle = std::move(report->idle);
    }
  while (std::getline(text, line))
    known.queries.insert(line);
  return known;
}

void remember(ProofBundle& cache, const Identity& identity, const verifier::ProveResult& proved) {
  KernelReport report;
  bool all = !proved.outcomes.empty();
  for (const CheckOutcome& one : proved.outcomes)
    all = all && std::holds_alternative<Proved>(one.outcome);
  if (all)
    report.outcomes = proved.outcomes, report.idle = proved.idle;
  std::string text = identity.key + "\n" + (all ? report::kernelToJson(report) : "") + "\n";
  for (const std::string& query : proved.proved_queries)
    text += query + "\n";
  cache.store(identity.name, text);
}

verifier::ProveOptions proveOptions(const Subject& subject, const AuditOptions& options) {
  verifier::ProveOptions prove;
  prove.obligation_ms = options.formal.query_ms;
  prove.kernel_seconds = options.formal.kernel_seconds;
  prove.dump_smt2 = options.formal.dump_smt2;
  prove.second_solver = options.formal.second_solver;
  prove.workers = options.workers;
  prove.assumed_launch = !subject.contract;
  prove.equal_writes = allowsEqualWrites(subject, options);
  if (options.stop)
    prove.stop = &options.stop->stop;
  return prove;
}

/// Proofs of before, or new ones.
verifier::ProveResult proveOrRecall(const Subject& subject, const Contract& contract, const AuditOptions& options) {
  verifier::ProveOptions prove = proveOptions(subject, options);
  ProofBundle unused;
  ProofBundle& cache = options.formal.proofs ? *options.formal.proofs : unused;
  Identity identity = identityOf(subject, contract, prove.equal_writes);
  if (prove.second_solver.empty()) {
    Remembered known = recall(cache, identity.name);
    if (known.key == identity.key && !known.outcomes.empty() && prove.dump_smt2.empty()) {
      for (CheckOutcome& one : known.outcomes) {
        one.seconds = 0;
        if (auto* proved = std::get_if<Proved>(&one.outcome))
          proved->cached = true;
      }
      return {.outcomes = std::move(known.outcomes), .idle = std::move(known.idle)};
    }
    prove.known = std::move(known.queries);
  }
  verifier::ProveResult proved = verifier::judgeKernel(subject.module, contract, prove);
  remember(cache, identity, proved);
  return proved;
}

/// Without contract: over all values of the open integers, and where that wraps, over those that are not too large.
verifier::ProveResult proveAssumed(const Subject& subject, Contract& contract, const AuditOptions& options) {
  verifier::ProveResult proved = proveOrRecall(subject, contract, options);
  std::string bounded;
  for (std::int64_t low : {-kNarrow, std::int64_t{0}}) {
    if (!mayWrap(proved) || contract.sizes.empty())
      break;
    narrow(contract, low);
    bounded = "bounded: ";
    proved = proveOrRecall(subject, contract, options);
  }
  for (CheckOutcome& one : proved.outcomes)
    if (auto* known = std::get_if<Proved>(&one.outcome))
      known->scope = bounded + assumedScope(*subject.job.launch, contract);
  return proved;
}

/// Where no sizes are declared, that a huge one would overflow is no suspicion against the kernel.
void withoutDeclaredSizes(std::vector<CheckOutcome>& outcomes) {
  for (CheckOutcome& one : outcomes) {
    auto* unknown = std::get_if<Unknown>(&one.outcome);
    if (unknown && one.check == "index.overflow" && unknown->code == unknown_reason::unconfirmed)
      unknown->code = "no sizes declared";
  }
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
  verifier::ProveResult proved =
      subject.contract ? proveOrRecall(subject, *contract, options) : proveAssumed(subject, *contract, options);
  result.outcomes = proved.outcomes;
  result.idle = proved.idle;
  if (!subject.contract)
    std::erase_if(proved.candidates, [](const verifier::Candidate& one) { // that a huge size would overflow, if it is one
      return one.check == "index.overflow" && !one.sizes.empty();
    });
  if (!proved.candidates.empty())
    confirmByRuns(subject, *contract, options, proved, result);
  if (!subject.contract)
    withoutDeclaredSizes(result.outcomes);
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
