#pragma once
// One function a family of checks. A new family is declared here and listed in table.cpp.
#include <vector>

#include "verifier/lint/check.h"

namespace kverify::verifier::lint {

std::vector<LintCheck> allowanceChecks();
std::vector<LintCheck> lockstepChecks();

} // namespace kverify::verifier::lint
