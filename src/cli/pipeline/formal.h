#pragma once
// The formal stage of an audit: proofs for all launches, and candidates that a run confirms before anyone is accused.
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/fold.h"
#include "cli/pipeline/subject.h"

namespace kverify::pipeline {

/// What the stage has to say. `shown` has the findings of the runs that candidates were tried in, each with the
/// case that shows it, still to be confirmed by a second run.
struct FormalResult {
  std::vector<CheckOutcome> outcomes;
  std::vector<NothingToJudge> idle;
  std::vector<ShownFinding> shown;
  std::vector<std::string> notes;
};

/// Without contract the assumed buffers may have to grow first, as in the fuzz stage.
FormalResult judgeFormally(Subject& subject, const AuditOptions& options);

/// The outcomes after a second run: a Refuted without a confirmed finding is Unknown, and what else the runs showed is
/// Refuted too, also where nothing was asked about it.
std::vector<CheckOutcome> withFindings(std::vector<CheckOutcome> outcomes, const std::vector<ShownFinding>& settled);

/// Two stages against each other, after both: a Proved that the other one's run broke becomes Unknown, and the report
/// says loudly that kverify is wrong; but a race proof that stands on bounds which a run broke is only void.
void reconcile(KernelReport& report);

} // namespace kverify::pipeline
