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
  std::vector<Finding> findings;      ///< of the Refuted ones, as the executor told them
  std::vector<Sizes> sizes;           ///< of each finding: the sizes of the launch
};

/// Runs the candidates, at most `most` of each check. Outcomes that were Proved stay as they are: a finding against one
/// of them is a defect of the prover, and is said as Unknown{tool error}.
Confirmation confirmCandidates(const ProveResult& result, const Contract& contract, simt::Program& program,
                               const PlanMaker& plan, const simt::RunLimits& limits = {}, std::size_t most = 3);

} // namespace kverify::verifier
