#pragma once
// The stability stage: the stress list scored, other orders of blocks and warps, what a NaN does, how the error grows.
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/fold.h"
#include "cli/pipeline/subject.h"

namespace kverify::pipeline {

struct StabilityResult {
  Stability table;
  std::vector<CaseRun> runs; ///< of the stress cases, and of the schedules where determinism is required
  std::vector<std::string> notes;
  std::string scope;
};

/// `cases` are the audit's: their sizes are used. The plot is written below options.output. Only where values can be judged
/// there are stress cases; the schedules need no reference.
StabilityResult runStability(const Subject& subject, const std::vector<generate::Case>& cases, simt::Program& program,
                             const AuditOptions& options);

/// The stress list of the contract's operation at one of these sizes.
std::vector<generate::Case> stressCasesOf(const Subject& subject, const std::vector<generate::Case>& cases,
                                          std::uint64_t seed);

} // namespace kverify::pipeline
