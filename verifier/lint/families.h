#pragma once
// One function a family of checks. A new family is declared here and listed in table.cpp.
#include <vector>

#include "verifier/lint/check.h"

namespace kverify::verifier::lint {

std::vector<LintCheck> allowanceChecks();
std::vector<LintCheck> barrierChecks();
std::vector<LintCheck> fingerprintChecks();
std::vector<LintCheck> guardChecks();
std::vector<LintCheck> indexTypeChecks();
std::vector<LintCheck> launchChecks();
std::vector<LintCheck> limitChecks();
std::vector<LintCheck> lockstepChecks();
std::vector<LintCheck> sharedPathChecks();
std::vector<LintCheck> vectorCastChecks();

std::vector<LintCheck> exponentialChecks();
std::vector<LintCheck> accumulatorChecks();
std::vector<LintCheck> infinityChecks();
std::vector<LintCheck> divisionChecks();
std::vector<LintCheck> roundingChecks();
std::vector<LintCheck> stateChecks();
std::vector<LintCheck> branchChecks();
std::vector<LintCheck> dataflowChecks();
std::vector<LintCheck> hostChecks();
std::vector<LintCheck> readableChecks();
std::vector<LintCheck> portabilityChecks();

} // namespace kverify::verifier::lint
