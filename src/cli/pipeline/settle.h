#pragma once
// From suspicion to accusation: what was seen is made small, seen again, named, and written down.
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/fold.h"
#include "cli/pipeline/subject.h"

namespace kverify::pipeline {

/// Smaller cases of what was found: the first few findings, which are of different places. They share the rest of a time
/// budget with nothing: what is shown must be small.
std::vector<ShownFinding> shrinkFindings(const Subject& subject, std::vector<ShownFinding> shown, simt::Program& program,
                                         const AuditOptions& options);

/// Confirms, names, and writes down what was found. What cannot be confirmed keeps confirmed = false.
std::vector<ShownFinding> settleFindings(const Subject& subject, std::vector<ShownFinding> shown,
                                         const AuditOptions& options, KernelReport& report);

/// What was found, and what reached something new, for the next audit of this operation.
void saveFound(const Subject& subject, const std::vector<ShownFinding>& findings,
               const std::vector<generate::Case>& kept, const AuditOptions& options, KernelReport& report);

} // namespace kverify::pipeline
