// Purpose: the two checks that compare a kernel's output with the fp64 reference. Sound: neither accuses a kernel of
// the declared precision, by a proven bound. Not complete: only the cases that were run, and errors above the bound.
#include "fuzz/judge/judge.h"
#include "kverify/check.h"

namespace kverify::judge {
namespace {

const CheckInfo kBound = {
    .id = kBoundCheck,
    .code = "KV2001",
    .stage = "fuzz",
    .summary = "the result is further from the reference than a correct kernel of the declared precision can be",
    .why = "A lost key, a wrong scale or a missing rescale changes results by less than a flat tolerance of 1e-2 on "
           "usual inputs and passes for rounding; against the derived bound it does not.",
    .fix = "Compare the element named with the reference by hand, starting with masks, tails and rescaling. If the "
           "kernel computes in less precision than its contract declares, declare what it does.",
    .soundness = "bounded by the cases that were run; no correct kernel of the declared precision is accused",
};

const CheckInfo kNonfinite = {
    .id = kNonfiniteCheck,
    .code = "KV2002",
    .stage = "fuzz",
    .summary = "NaN or infinity where the reference is finite, or the other way round",
    .why = "inf - inf, 0/0 and overflow before the shift by the maximum turn whole rows into NaN in production.",
    .fix = "Guard fully masked rows and empty tiles (their maximum is -inf), shift by the maximum before the "
           "exponential, and accumulate in a type that can't overflow.",
    .soundness = "bounded by the cases that were run",
};

const RegisterCheck register_bound(kBound);
const RegisterCheck register_nonfinite(kNonfinite);

} // namespace
} // namespace kverify::judge
