#pragma once
// From a solver's model to an accusation: the launch is run, and only what the executor sees is Refuted.
#include <functional>
#include <optional>
#include <span>

#include "kverify/contract.h"
#include "kverify/finding.h"
#include "kverify/launch.h"
#include "simt/executor.h"
#include "verifier/checks/prove.h"

namespace kverify::verifier {

/// What is run: the sizes, and which block alone (else all of them).
struct Trial {
  Sizes sizes; ///< every free size has a value
  std::optional<Dim3> only_block;
  bool operator<(const Trial& other) const;
};

/// Makes a plan of it, contents included.
using PlanMaker = std::function<Expected<LaunchPlan>(const Trial&)>;

struct Confirmation {
  std::vector<CheckOutcome> outcomes; ///< as of judgeKernel; Refuted where a launch broke the check
  std::vector<Finding> findings;      ///< all that the launches showed, as the executor told it, each place once
  std::vector<Trial> trials;          ///< of each finding: the launch
};

/// The lines whose arithmetic a run of the candidates has to watch (simt::ProgramOptions::watch).
std::vector<SourceLocation> watchedLines(const ProveResult& result);
/// The same of findings, for a second run.
std::vector<SourceLocation> watchedLines(const Finding& finding);

/// Does a finding of `found` show that `check` is broken? (A barrier that not all threads reach shows itself in two
/// ways.)
bool sameAccusation(const std::string& check, const std::string& found);

/// Runs the candidates, at most `most` of each check. Of a candidate for arithmetic first its one block alone, which
/// needs no memory for the tensors: the launch that shows an overflow is often larger than any machine. Where a candidate
/// rests on a value that nobody follows, or on two writes that may be of one value, the solver's sizes need not be the ones
/// that show it: `more` are tried. A finding against an outcome that was Proved is a defect of the
/// prover, and is said as Unknown{tool error}; but a race proof that stands on bounds which a launch broke is only void.
Confirmation confirmCandidates(const ProveResult& result, const Contract& contract, simt::Program& program,
                               const PlanMaker& plan, const simt::RunLimits& limits = {}, std::span<const Trial> more = {},
                               std::size_t most = 3);

} // namespace kverify::verifier
