#pragma once
// One case through the executor and the judge.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/pipeline/subject.h"
#include "fuzz/generate/cases.h"
#include "fuzz/judge/judge.h"
#include "fuzz/judge/operations.h"
#include "simt/executor.h"

namespace kverify::pipeline {

/// What a run leaves behind, as hashes: equal hashes are equal bits.
struct RunTrace {
  std::vector<std::pair<std::string, std::string>> inputs; ///< buffer name, sha256 of its initial contents
  std::string buffers_sha256;                              ///< of all final buffers
  std::string printed_sha256;
  std::string printed; ///< the text itself, as far as it was kept; not part of the replay file
};

/// What came of one case. `findings` holds the executor's and the judge's.
struct CaseRun {
  generate::Case one_case;
  bool ran = false;               ///< false: never started
  bool doubt = false;             ///< something is wrong with it that has not been explained yet
  std::optional<ToolError> error; ///< the tool failed: nothing is known
  simt::RunStatus status = simt::RunStatus::Completed;
  std::string reason;
  std::vector<Finding> findings;
  std::optional<judge::Judgement> judgement; ///< where values could be judged
  std::string property_check;                ///< the check that a property's two launches answered; else empty
  std::uint64_t printed_bytes = 0;
  std::vector<std::uint8_t> coverage; ///< simt::RunResult's; of one launch that is judged by itself
  double seconds = 0;
  std::optional<RunTrace> trace; ///< where the audit is recorded (AuditOptions::record); without the printed text
};

/// A finding of algebra.mismatch about this case, not yet confirmed.
Finding algebraFinding(const Subject& subject, const generate::Case& one_case, const std::string& message);

/// The finding's place where it is about values: the kernel that is launched last.
Finding valueFinding(const Subject& subject, const LaunchPlan& plan, const generate::Case& one_case, const char* check,
                     const std::string& message);

/// Runs one plan of a case into `run`: status, reason, findings in the user's code. Nothing: `run` says why the result
/// is of no use.
std::optional<simt::RunResult> runPlan(const Subject& subject, const LaunchPlan& plan, simt::Program& program,
                                       const simt::RunLimits& limits, CaseRun& run);

/// What is left of a run.
RunTrace traceOf(const LaunchPlan& plan, const simt::RunResult& result);

/// A case that names a property: two launches, and what they owe each other. The trace is the second one's.
CaseRun runProperty(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                    const simt::RunLimits& limits, RunTrace* trace);

/// A case that names a schedule: the usual order of blocks and warps, and that one. The trace is the second one's.
CaseRun runSchedules(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                     const simt::RunLimits& limits, RunTrace* trace);

/// The places that a user can mend: calls into system headers are not shown, and what has no place of its own belongs to
/// the kernel that is launched last.
void placeInUserCode(const Subject& subject, const LaunchPlan& plan, Finding& finding);

/// Builds the plan, runs it, judges values where no other rule was broken before. Fills `trace` where it is given.
CaseRun runCase(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                const simt::RunLimits& limits, RunTrace* trace = nullptr);

/// A case with what does not depend on the kernel's code, for whoever runs it with many kernels. Of a property or a
/// schedule, whose plans change on the way, there is only the case.
struct PreparedCase {
  generate::Case one_case;
  LaunchPlan plan;
  std::optional<judge::References> references; ///< where values can be judged
};

/// Errors: as of planOf and judge::askReferences.
Expected<PreparedCase> prepareCase(const Subject& subject, const generate::Case& one_case, std::uint64_t memory_bytes);

/// As runCase of its case; without coverage.
CaseRun runPrepared(const Subject& subject, const PreparedCase& prepared, simt::Program& program,
                    const simt::RunLimits& limits, RunTrace* trace = nullptr);

} // namespace kverify::pipeline
