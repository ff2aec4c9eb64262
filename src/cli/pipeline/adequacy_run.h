#pragma once
// Is the oracle strong enough, with the inputs of this audit, for its pass to mean something?
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/subject.h"
#include "simt/executor.h"

namespace kverify::pipeline {

/// The most expensive case of each family that is cheap enough for the oracle to be asked a dozen times: small sizes
/// hide differences.
std::vector<generate::Case> casesToLookAt(const std::vector<generate::Case>& cases);

/// Impostors, which cost no launch, and but for a quick audit the kernel's own mutants (mutant_sample.h), at up to a
/// dozen of the cases, of as many families of values as there are. Nothing where no case could be looked at. `checked` as
/// in judgeMutants.
std::optional<Adequacy> judgeOracle(const Subject& subject, const std::vector<generate::Case>& cases,
                                    const AuditOptions& options, simt::Program* checked = nullptr);

/// A pass of a check that compares values is Unknown where the oracle let too many wrong results pass.
void distrust(KernelReport& report);

} // namespace kverify::pipeline
