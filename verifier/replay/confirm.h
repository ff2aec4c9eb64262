#pragma once
// From a solver's model to an accusation: the launch is run, and only what the executor sees is Refuted.
#include <functional>

#include "kverify/contract.h"
#include "kverify/finding.h"
#include "kverify/launch.h"
#include "simt/executor.h"
#include "verifier/checks/prove.h"

namespace kverify::verifier {

/// Makes a plan at these sizes (every free size has a value), contents included.
using PlanMaker = std::function<Expected<LaunchPlan>(const Sizes&)>;

struct Confirmation {
  std::vector<CheckOutcome> outcomes; ///< as of judgeKernel; Refuted where a launch broke the check
  std::vector<Finding> findings;      ///< all that the launches showed, as the executor told it, each place once
  std::vector<Sizes> sizes;           ///< of each finding: the sizes of the launch
};

/// Does a finding of `found` show that `check` is broken? (A barrier that not all threads reach shows itself in two
/// ways.)
bool sameAccusation(const std::string& check, const std::string& found);

/// Runs the candidates, at most `most` of each check. A finding against an outcome that was Proved is a defect of the
/// prover, and is said as Unknown{tool error}; but a race proof that stands on bounds which a launch broke is only void.
Confirmation confirmCandidates(const ProveResult& result, const Contract& contract, simt::Program& program,
                               const PlanMaker& plan, const simt::RunLimits& limits = {}, std::size_t most = 3);

} // namespace kverify::verifier
