#pragma once
// What a run of this audit may take.
#include "cli/pipeline/audit.h"

namespace kverify::pipeline {

simt::RunLimits limitsOf(const Subject& subject, const AuditOptions& options);

} // namespace kverify::pipeline
