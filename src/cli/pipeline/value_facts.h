#pragma once
// What a confirmed finding's case is, as numbers: the launch, and of wrong values which, how far off, and who wrote them.
#include "cli/pipeline/case_run.h"

namespace kverify::pipeline {

/// Fills in what the run that confirmed the finding could not know by itself. A finding about values costs one more run of
/// the case; where that fails, there are fewer facts.
void addCaseFacts(const Subject& subject, const generate::Case& one_case, simt::Program& program,
                  const simt::RunLimits& limits, Finding& finding);

} // namespace kverify::pipeline
