#pragma once
// Is the oracle strong enough, with the inputs of this audit, for its pass to mean something?
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/subject.h"

namespace kverify::pipeline {

/// Impostors at up to ten of the cases, of as many families of values as there are. Costs no launch. Nothing where no
/// case could be looked at.
std::optional<Adequacy> judgeOracle(const Subject& subject, const std::vector<generate::Case>& cases,
                                    const AuditOptions& options);

/// A pass of a check that compares values is Unknown where the oracle let too many wrong results pass.
void distrust(KernelReport& report);

} // namespace kverify::pipeline
