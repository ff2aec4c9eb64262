#pragma once
// Many cases on the pool, and a closer look at those that are not clean.
#include <cstddef>
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/case_run.h"

namespace kverify::pipeline {

/// Runs the cases on the pool, without explaining what is wrong. A case that shows that more of them are pointless
/// keeps later ones from starting.
std::vector<CaseRun> runCases(const Subject& subject, const std::vector<generate::Case>& cases, simt::Program& program,
                              const AuditOptions& options);

/// Explains the doubtful cases, which is slow, a few at a time in their order, until there is a finding: one kernel
/// that is broken in forty cases is broken. Returns how many were left unexplained; they are taken out of `runs`.
std::size_t explainCases(const Subject& subject, std::vector<CaseRun>& runs, simt::Program& program,
                         const AuditOptions& options);

} // namespace kverify::pipeline
