#pragma once
// One case through the executor and the judge.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/pipeline/subject.h"
#include "fuzz/generate/cases.h"
#include "fuzz/judge/judge.h"
#include "simt/executor.h"

namespace kverify::pipeline {

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
  std::uint64_t printed_bytes = 0;
  double seconds = 0;
};

/// A finding of algebra.mismatch about this case, not yet confirmed.
Finding algebraFinding(const Subject& subject, const generate::Case& one_case, const std::string& message);

/// What a run leaves behind, as hashes: equal hashes are equal bits.
struct RunTrace {
  std::vector<std::pair<std::string, std::string>> inputs; ///< buffer name, sha256 of its initial contents
  std::string buffers_sha256;                              ///< of all final buffers
  std::string printed_sha256;
  std::string printed; ///< the text itself, as far as it was kept; not part of the replay file
};

/// Builds the plan, runs it, judges values where no other rule was broken before. Fills `trace` where it is given.
CaseRun runCase(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                const simt::RunLimits& limits, RunTrace* trace = nullptr);

} // namespace kverify::pipeline
