#pragma once
// What a run of this audit may take.
#include "cli/pipeline/audit.h"

namespace kverify::pipeline {

simt::RunLimits limitsOf(const Subject& subject, const AuditOptions& options);

/// Why the audit was told to end early, if it was.
std::optional<Unknown> whyStopped(const AuditOptions& options);

} // namespace kverify::pipeline
