#pragma once
// The sanitizer stage: NVIDIA's compute-sanitizer over a few cases on the GPU, its findings as ours.
#include "cli/pipeline/audit.h"

namespace kverify::pipeline {

/// Adds outcomes of the stage "sanitizer" for the checks that its tools look for, and findings with its lines. A finding counts
/// when a second run shows it again. Without the tool or a device every outcome is Unknown.
void sanitize(const Job& job, const AuditOptions& options, KernelReport& report);

} // namespace kverify::pipeline
