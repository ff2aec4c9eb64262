#pragma once
// The verdict: one pure fold of outcomes under a policy.
#include <span>
#include <string_view>
#include <vector>

#include "kverify/outcome.h"

namespace kverify {

enum class Verdict { Certified, Refuted, Inconclusive };

std::string_view nameOf(Verdict verdict);

/// Process exit codes.
enum ExitCode : int { kExitCertified = 0, kExitRefuted = 1, kExitError = 2, kExitInconclusive = 3 };

/// What suffices. The fold looks at nothing else.
struct Policy {
  bool tested_suffices = true;   ///< a Tested outcome counts as a pass
  bool bounded_suffices = true;  ///< a Proved outcome whose scope is bounded counts as a pass
};

/// Fail closed: no outcomes, any Unknown, or zero cases is Inconclusive; any Refuted is Refuted.
Verdict foldVerdict(std::span<const CheckOutcome> outcomes, const Policy& policy);

/// Over several kernels 1 > 2 > 3 > 0.
int worstExitCode(std::span<const int> codes);
int exitCodeOf(Verdict verdict);

}  // namespace kverify
