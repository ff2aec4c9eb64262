#pragma once
// The audit of a file without contract: its host code says how the kernels are launched.
#include "cli/pipeline/audit.h"
#include "frontend/host/facts.h"

namespace kverify::pipeline {

/// Why a check is not decided: a fact that the host code does not give is needed.
inline constexpr const char* kHostFact = "host fact";

/// True for a job that neither a contract nor flags say how to launch, where a stage needs to know.
bool needsHostFacts(const Job& job, const AuditOptions& options);

/// Derives a contract for every way through the host code, audits each, and puts the reports together: the worst outcome
/// of each check counts. What rests on a guess is Unknown with the guess as its reason. Where no launch is found, every
/// check of the stages that need one is Unknown and says which fact is missing.
KernelReport auditFromHost(const Job& job, const AuditOptions& options);

/// Turns what rests on the guesses into Unknown: a refutation or a pass where the fact is not certain.
void weaken(KernelReport& report, const std::vector<frontend::host::Guess>& guesses);

/// One report of several of the same file.
KernelReport merged(std::vector<KernelReport> reports);

/// The flags of the source, then the facts. Errors: as of frontend::host::hostFactsOf.
Expected<frontend::host::HostFacts> hostFactsFor(const Job& job, const frontend::CompileOptions& options);

} // namespace kverify::pipeline
