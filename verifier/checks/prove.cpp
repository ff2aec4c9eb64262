// All launches of a contract, and the outcomes: Proved only where every question of every launch was answered and
// everything the proof stands on was proved too.
#include "verifier/checks/prove.h"

#include <fmt/format.h>

#include "core/hash.h"
#include "core/write_file.h"
#include "verifier/checks/catalogue.h"
#include "verifier/checks/context.h"
#include "verifier/checks/sizes.h"
#include "verifier/checks/unwritten.h"
#include "verifier/smt/second_opinion.h"

namespace kverify::verifier {

namespace {

/// Beside the questions in ProveOptions::dump_smt2.
constexpr const char* kQuestionIndex = "index.txt";

constexpr const char* kLimits = "limits.launch";

struct Judged {
  std::map<std::string, Tally> tallies;
  std::vector<Unknown> blocked; ///< why nothing at all may be proved
  std::string scope, bounded_scope;
  bool judged = false;
  bool may_be_vacuous = false; ///< nobody knows a launch that the contract allows
  bool trusts_contents = false; ///< the contract says what some tensor holds
  std::set<std::string> required; ///< by the kernels themselves, of their launches
  bool equal_writes = false;      ///< allowed
  std::string second_solver;
  std::map<std::string, bool> claims; ///< by their text: do all hold?
};

enum class Launches { None, Some, Unknown };

/// Does any launch satisfy the contract? If none does, everything would be proved.
Launches launchesOf(Context& context, const std::vector<Sizes>& listed, ProveResult& result) {
  for (const Sizes& sizes : listed)
    if (isLaunch(context.pool, context.domain, sizes))
      return Launches::Some;
  Instance thread(context.pool, context.model, context.domain, 1, false, nullptr);
  Solution solution = Solver(context.pool, {2000, true, {}}).solve({thread.facts()});
  ++result.queries;
  result.seconds += solution.seconds;
  return solution.answer == Answer::Unsatisfiable ? Launches::None
         : solution.answer == Answer::Satisfiable ? Launches::Some
                                                  : Launches::Unknown;
}

Deadline deadlineOf(const ProveOptions& options, const ProveResult& result) {
  return result.begin + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                            std::chrono::duration<double>(options.kernel_seconds));
}

void judgeLaunch(const frontend::DeviceModule& module, const Contract& contract, const LaunchDecl& launch,
                 const ProveOptions& options, Outputs& outputs, Judged& judged, ProveResult& result) {
  const frontend::KernelInfo* kernel = frontend::findKernel(module, launch.kernel);
  if (!kernel) {
    judged.blocked.push_back({unknown_reason::tool_error, "there is no kernel '" + launch.kernel + "'"});
    return;
  }
  TermPool pool;
  auto model = buildModel(module, *kernel, pool, deadlineOf(options, result));
  if (!model) {
    judged.blocked.push_back({unknown_reason::tool_error, model.error().message});
    return;
  }
  if (model->late)
    judged.blocked.push_back({unknown_reason::time_budget, fmt::format("'{}' is too large to be modelled in the time given: "
                                                                       "{:.0f} s", kernel->name, options.kernel_seconds)});
  for (const std::string& what : model->unsupported)
    judged.blocked.push_back({unknown_reason::unsupported, fmt::format("{} in '{}'", what, kernel->name)});
  auto domain = makeDomain(pool, contract, launch, *kernel, *model);
  if (!domain) {
    judged.blocked.push_back({unknown_reason::unsupported, domain.error().message});
    return;
  }
  judged.scope = domain->scope;
  domain->extents_declared = !options.assumed_launch;
  if (!judged.blocked.empty())
    return;
  ListedSizes listed = listedSizes(contract);
  judged.bounded_scope = listed.scope;
  static const std::vector<Sizes> none;
  Context context(pool, *model, *domain, kernel->name, options,
                  options.assumed_launch || options.claims_only ? none : listed.all, judged.tallies, result);
  checkLimits(context, *kernel, module.target);
  Launches launches = launchesOf(context, listed.all, result);
  judged.may_be_vacuous = judged.may_be_vacuous || launches == Launches::Unknown;
  if (launches == Launches::None) {
    context.settle();
    judged.blocked.push_back({"vacuous", "no launch of '" + kernel->name + "' satisfies the contract, or the device takes none"});
    return;
  }
  if (std::string why = impossibleRequirement(context); !why.empty()) {
    judged.blocked.push_back({"vacuous", fmt::format("{} in '{}'", why, kernel->name)});
    return;
  }
  for (const Requirement& one : model->requirements)
    judged.required.insert(fmt::format("kv_requires({}) at {}", one.text, place(one.where)));
  judged.judged = true;
  proveInvariants(context, model->invariants);
  checkOverflow(context);
  if (options.claims_only) {
    checkReadOnly(context);
    context.settle();
    addClaims(context, judged.claims);
    return;
  }
  checkClaims(context);
  if (!options.assumed_launch) {
    checkReadOnly(context);
    outputs.judge(context, launch);
  }
  checkAlignment(context);
  checkLogicalBounds(context);
  checkConvergence(context);
  checkWarpOps(context);
  checkBounds(context);
  checkRaces(context);
  checkInitialised(context);
  context.settle();
}

std::vector<std::string> assumptionsOf(const std::string& check, const Judged& judged, bool launches_fit) {
  std::vector<std::string> all = {"distinct tensors do not overlap", "every loop ends"};
  all.insert(all.end(), judged.required.begin(), judged.required.end());
  if (!launches_fit)
    all.push_back("launches are within the device's limits");
  if (check.starts_with("race.") && judged.equal_writes)
    all.push_back("threads may write the same bits to one place (same-value writes are allowed)");
  if (check.starts_with("race.") || check == "init.shared-read")
    all.push_back("accesses stay inside their allocations (the bounds checks)");
  return all;
}

/// Of the check itself, or of a proof that it stands on.
bool isBounded(const std::string& check, const Tally& tally, const Judged& judged) {
  auto bounded = [&](const std::string& other) {
    auto found = judged.tallies.find(other);
    return found != judged.tallies.end() && found->second.bounded;
  };
  bool on_everything = check.starts_with("init.") || check.starts_with("output.");
  bool some = false;
  for (const auto& [other, its] : judged.tallies)
    some = some || its.bounded;
  return tally.bounded || bounded("index.overflow") || bounded("access.readonly-write") ||
         (check.starts_with("race.") && bounded("barrier.divergent")) || (on_everything && some);
}

Outcome outcomeOf(const std::string& check, const Tally& tally, const Judged& judged) {
  if (!tally.open.empty()) {
    Unknown first = tally.open.front();
    if (tally.open.size() > 1)
      first.detail += fmt::format(" (and {} more)", tally.open.size() - 1);
    return first;
  }
  auto isOpen = [&](const char* other) {
    auto found = judged.tallies.find(other);
    return found != judged.tallies.end() && !found->second.open.empty();
  };
  if (check != "index.overflow" && isOpen("index.overflow"))
    return Unknown{"not proved", "index arithmetic may wrap: see index.overflow"};
  if (judged.trusts_contents && check != "access.readonly-write" && isOpen("access.readonly-write"))
    return Unknown{"not proved", "a tensor that is said to hold something may be written: see access.readonly-write"};
  if (check == "init.shared-read")
    for (const char* other : {"race.shared-read-write", "race.async-copy"})
      if (isOpen(other))
        return Unknown{"not proved", fmt::format("what is read may be written at the same time: see {}", other)};
  bool meets = check.starts_with("race.") || check == "output.unwritten" || check == "init.shared-read" ||
               check == "warp.divergent";
  if (meets && isOpen("barrier.divergent"))
    return Unknown{"not proved", "threads may not meet at the barriers: see barrier.divergent"};
  if (judged.may_be_vacuous)
    return Unknown{"vacuous", "it is not known whether any launch satisfies the contract"};
  std::string hashes;
  for (const std::string& hash : tally.hashes)
    hashes += hash;
  bool launches_fit = judged.tallies.count("limits.launch") && !isOpen("limits.launch");
  std::string scope = isBounded(check, tally, judged) ? judged.bounded_scope : judged.scope;
  for (const std::string& note : tally.notes)
    scope += "; " + note;
  Proved proved{scope, assumptionsOf(check, judged, launches_fit), Solver::name(), sha256Hex(hashes)};
  proved.assumptions.insert(proved.assumptions.end(), tally.assumed.begin(), tally.assumed.end());
  proved.cached = tally.asked > 0 && tally.cached == tally.asked;
  if (tally.cross_checked > 0)
    proved.solver += fmt::format(", {} of {} queries agreed by {}", tally.cross_checked, tally.asked,
                                 versionOfProgram(judged.second_solver));
  return proved;
}

/// Which check rests on which questions, for whoever asks them again: a line each, "race.shared-read-write 3f2a…". What is
/// proved on the way and that no check is about, such as an invariant, is a "step".
void writeIndex(const std::string& folder, const Judged& judged, const ProveResult& result) {
  std::string text;
  std::set<std::string> steps = result.proved_queries;
  for (const CheckOutcome& one : result.outcomes)
    if (std::holds_alternative<Proved>(one.outcome))
      for (const std::string& hash : judged.tallies.at(one.check).hashes) {
        text += one.check + " " + hash + "\n";
        steps.erase(hash);
      }
  for (const std::string& hash : steps)
    text += "step " + hash + "\n";
  auto written = writeWhole(folder + "/" + kQuestionIndex, text);
  static_cast<void>(written); // as with the questions themselves: a full disk is no outcome
}

} // namespace

ProveResult judgeKernel(const frontend::DeviceModule& module, const Contract& contract, const ProveOptions& options) {
  ProveResult result;
  Judged judged;
  judged.second_solver = options.second_solver;
  judged.equal_writes = options.equal_writes;
  for (const TensorDecl& tensor : contract.tensors)
    judged.trusts_contents = judged.trusts_contents || tensor.holds.has_value();
  Outputs outputs(contract);
  for (const LaunchDecl& launch : contract.launches)
    judgeLaunch(module, contract, launch, options, outputs, judged, result);
  if (!judged.blocked.empty() || !judged.judged) {
    Unknown why = judged.blocked.empty() ? Unknown{unknown_reason::no_cases, "the contract has no launch"}
                                         : judged.blocked.front();
    if (judged.blocked.size() > 1)
      why.detail += fmt::format(" (and {} more)", judged.blocked.size() - 1);
    auto limits = judged.tallies.find(kLimits); // asked of the sizes alone
    bool refused = limits != judged.tallies.end() && !limits->second.open.empty();
    for (const ProofInfo& proof : proofs())
      if (isJudged(proof.check, options.assumed_launch))
        result.outcomes.push_back(
            {proof.check, "formal", refused && proof.check == std::string_view(kLimits) ? limits->second.open.front() : why, 0});
    std::erase_if(result.candidates, [&](const Candidate& one) { return !refused || one.check != kLimits; });
    return result;
  }
  for (const ProofInfo& proof : proofs())
    if (isJudged(proof.check, options.assumed_launch) && !judged.tallies.count(proof.check))
      result.idle.push_back({proof.check, proof.nothing});
  for (const auto& [text, holds] : judged.claims)
    if (holds)
      result.claims.insert(text);
  for (const auto& [check, tally] : judged.tallies) {
    CheckOutcome outcome{check, "formal", outcomeOf(check, tally, judged), tally.seconds, {}};
    const auto& lines = std::holds_alternative<Proved>(outcome.outcome) ? tally.lines : tally.open_lines;
    outcome.lines.assign(lines.begin(), lines.end());
    result.outcomes.push_back(std::move(outcome));
  }
  if (!options.dump_smt2.empty())
    writeIndex(options.dump_smt2, judged, result);
  return result;
}

std::vector<CheckOutcome> proveKernel(const frontend::DeviceModule& module, const Contract& contract,
                                      const ProveOptions& options) {
  return judgeKernel(module, contract, options).outcomes;
}

} // namespace kverify::verifier
