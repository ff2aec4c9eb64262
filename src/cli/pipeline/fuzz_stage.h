#pragma once
// The fuzz stage, and the stability stage behind it: cases are drawn, searched for, run, judged and folded.
#include "cli/pipeline/audit.h"
#include "cli/pipeline/subject.h"

namespace kverify::pipeline {

/// Every registered check of the stages that are asked for gets an outcome, whatever happens. A contract that no sizes
/// satisfy is the report's error.
void fuzz(Subject& subject, const AuditOptions& options, KernelReport& report);

} // namespace kverify::pipeline
