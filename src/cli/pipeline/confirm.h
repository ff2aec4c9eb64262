#pragma once
// No unconfirmed accusation: every finding's case is run again, from nothing, with the filter off.
#include <span>
#include <vector>

#include "cli/pipeline/backend.h"
#include "cli/pipeline/fold.h"
#include "cli/pipeline/subject.h"
#include "simt/executor.h"

namespace kverify::pipeline {

/// A finding with what its confirming run left behind. `finding.confirmed` says whether it was seen again.
struct ConfirmedFinding {
  ShownFinding shown;
  RunTrace trace;
};

/// The finding among `seen` that makes the same accusation: the same check and at least one place in common, the same
/// message where there is a choice. Null if there is none.
const Finding* findAgain(const Finding& finding, std::span<const Finding> seen);

/// Runs each finding's case again (each case once) and keeps, where it was seen again, the finding as that run told it.
/// Errors: Internal, when the module cannot be made runnable.
Expected<std::vector<ConfirmedFinding>> confirmFindings(const Subject& subject, std::vector<ShownFinding> shown,
                                                        const simt::RunLimits& limits, const BackendOptions& backend = {});

} // namespace kverify::pipeline
