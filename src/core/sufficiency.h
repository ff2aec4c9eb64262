#pragma once
// What all stages said of one check, and whether that is enough: the rules of foldVerdict (kverify/verdict.h), one check at
// a time, for whoever asks different things of different checks.
#include <span>

#include "kverify/outcome.h"
#include "kverify/verdict.h"

namespace kverify {

/// Tests on at least one case: on none they are no pass.
bool isTested(const CheckOutcome& outcome);

/// Unknown for a reason that no other stage makes good.
bool isAlarm(const CheckOutcome& outcome);

/// The stage can refute and can fail, but passes nothing: sources read, another tool's sight, clocks, a GPU's agreement.
bool certifiesNothing(const CheckOutcome& outcome);

/// Nothing more has to be known of the check that `asked`, one of `outcomes`, is about. Refutations and alarms are not
/// looked at here.
bool isEnough(const CheckOutcome& asked, std::span<const CheckOutcome> outcomes, Require require);

} // namespace kverify
