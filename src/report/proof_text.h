#pragma once
// What was proved, as text: for which sizes, which checks, in how long; the assumptions once, at the end.
#include <span>
#include <string>

#include "kverify/outcome.h"
#include "kverify/report.h"
#include "report/text.h"

namespace kverify::report {

/// The proofs of one kernel; empty where there are none. Ends with a newline.
std::string renderProofs(std::span<const CheckOutcome> outcomes, const TextOptions& options);

/// What the formal stage could not prove, with the reasons: what is tested all the same is said apart.
std::string renderUnproved(std::span<const CheckOutcome> outcomes, const TextOptions& options);

/// The checks that had nothing to judge, with the reason; empty where all had.
std::string renderIdle(std::span<const NothingToJudge> idle, const TextOptions& options);

/// "12 ms", "1.4 s".
std::string durationText(double seconds);

} // namespace kverify::report
