#pragma once
// The static stage of an audit: warnings from reading the source, and what later stages make of them.
#include <string>
#include <vector>

#include "cli/pipeline/audit.h"
#include "verifier/lint/lint.h"

namespace kverify::pipeline {

/// Reads the job's file. Errors: as of loadContract and lint::lintFile.
Expected<verifier::lint::LintResult> judgeStatically(const Job& job, const AuditOptions& options);

/// Makes the repairs that the findings offer, in the files themselves; the findings that had one are gone from `lint`.
/// Returns lines that say what was done, or why not.
std::vector<std::string> makeFixes(verifier::lint::LintResult& lint);

/// Adds what the static stage has to say to the report, after the other stages. `judged`: the kernels that they looked
/// at. What they proved is no warning any more; what they refuted at the same line is said once; errors refute.
void settleStatic(verifier::lint::LintResult lint, const std::string& target, const std::vector<std::string>& judged,
                  KernelReport& report);

} // namespace kverify::pipeline
