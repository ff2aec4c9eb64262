// Purpose: the check of the stability stage that no reference is needed for. Sound: the two runs differ. Not complete:
// bounded by the schedules that were tried.
#include "fuzz/stability/stability.h"
#include "kverify/check.h"

namespace kverify::stability {
namespace {

const CheckInfo kNondeterministicInfo = {
    .id = kNondeterministic,
    .code = "KV2201",
    .stage = "stability",
    .summary = "the result depends on the order in which blocks or warps happen to run",
    .why = "Floating-point addition does not associate: atomics that add in the order of arrival give other bits each "
           "time, so a training run can't be repeated, and a test that compares bits fails now and then.",
    .fix = "Write partial results to places of their own and add them in a fixed order, or accumulate integers.",
    .soundness = "sound: two orders that the programming model allows gave different bits; bounded by the orders that "
                 "were tried",
};

const RegisterCheck registration(kNondeterministicInfo);

} // namespace
} // namespace kverify::stability
