#pragma once
// One function a family of checks. A new family is declared here and listed in table.cpp.
#include <vector>

#include "verifier/lint/check.h"

namespace kverify::verifier::lint {

std::vector<LintCheck> allowanceChecks();
std::vector<LintCheck> barrierChecks();
std::vector<LintCheck> guardChecks();
std::vector<LintCheck> indexTypeChecks();
std::vector<LintCheck> launchChecks();
std::vector<LintCheck> limitChecks();
std::vector<LintCheck> lockstepChecks();
std::vector<LintCheck> sharedPathChecks();
std::vector<LintCheck> vectorCastChecks();

} // namespace kverify::verifier::lint
