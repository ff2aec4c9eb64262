#pragma once
// --spec NAME for a file without contract: what the host code says, read as that operation.
#include <string>
#include <vector>

#include "cli/pipeline/audit.h"
#include "frontend/host/bind.h"

namespace kverify::pipeline {

/// The readings of the path as the operation that the options name, with the precision that the device code shows. Each gives a
/// contract that loads. Errors: Usage and Input: what could not be bound, as of loadSpec and bindSpec.
Expected<std::vector<frontend::host::Reading>> readingsOf(const frontend::host::HostPath& path, const Job& job, const AuditOptions& options);

/// What was bound, for the report: tensors, options, precision.
std::vector<std::string> bindingSentences(const frontend::host::HostPath& path);

/// How a short run under one reading ended, worst last.
enum class ReadingFit { Agrees, Open, Disagrees };

/// By the checks that compare with a reference.
ReadingFit fitOf(const KernelReport& report);

/// Few and small cases of the fuzz stage alone: enough to tell readings apart.
AuditOptions probeOptions(const AuditOptions& options);

/// Every check that needs a reference is Unknown: `why`.
void addUnbound(KernelReport& report, const std::string& why);

} // namespace kverify::pipeline
