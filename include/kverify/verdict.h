#pragma once
// The verdict: one pure fold of outcomes under a policy.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kverify/outcome.h"

namespace kverify {

enum class Verdict { Certified, Refuted, Inconclusive };

std::string_view nameOf(Verdict verdict);

/// Process exit codes.
enum ExitCode : int { kExitCertified = 0, kExitRefuted = 1, kExitError = 2, kExitInconclusive = 3 };

/// What it takes to be certified.
enum class Require {
  Tests,          ///< a proof or tests for every check; what is tested and not proved is said to be so
  Proof,          ///< a proof for every check that the formal stage judges, tests for the others
  UnboundedProof, ///< and none whose scope is bounded
};

std::string_view nameOf(Require require);
std::optional<Require> parseRequire(std::string_view name);

/// What suffices. The fold looks at nothing else.
struct Policy {
  Require require = Require::Tests;
};

/// Fail closed. In this order:
/// 1. Any Refuted is Refuted: a run showed it.
/// 2. No outcomes at all, a tool error in any stage, or something that a run of the fuzz stage showed once and not
/// again
///    is Inconclusive, whatever else is known.
/// 3. Each check needs one stage that passes it. Proved passes (UnboundedProof: unless bounded). Tested on at least
///    one case passes, except where the policy wants a proof and the formal stage judged this very check. Tests do not make
///    good an Unknown of the stability stage: its stress list was not run to its end.
/// 4. Under Require::Tests the formal stage only adds: where it alone judged a check and could not prove it, tests of
///    other checks that all passed suffice, unless it holds a candidate that no run could rule out (unconfirmed).
///    With the formal stage alone there are no tests, and every Unknown is Inconclusive.
/// 5. The static and sanitizer stages only add refutations: they pass no check, and an Unknown of theirs blocks none.
///    Alone neither they nor the stages bench and gpu, whose own checks must pass where they were asked, certify.
/// 6. Where the policy wants proofs, at least one outcome of the formal stage must be there.
/// 7. An extra judge (algebra.mismatch) looks again at what numerics.bound judges, with an arithmetic that does not have
///    every function. Where it says `not judged`, with the reason, it passes nothing and blocks nothing, provided that
///    numerics.bound passed by tests; else it is Inconclusive as every other Unknown. No other reason of it is excused.
Verdict foldVerdict(std::span<const CheckOutcome> outcomes, const Policy& policy);

/// Why outcomes that fold to Inconclusive are not certified: the codes of the Unknowns that stand in the way, each once,
/// or, where none does, "proof wanted" or "nothing was run or proved". Empty for the other verdicts.
std::vector<std::string> whatBlocks(std::span<const CheckOutcome> outcomes, const Policy& policy);

/// Checks that one stage proved and a run broke: kverify itself is wrong about them.
std::vector<std::string> contradictions(std::span<const CheckOutcome> outcomes);

/// Over several kernels 1 > 2 > 3 > 0.
int worstExitCode(std::span<const int> codes);
int exitCodeOf(Verdict verdict);

} // namespace kverify
