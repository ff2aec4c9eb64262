// Purpose: the checks that two runs of one kernel answer. Sound: what is asked holds for every correct kernel, to the
// bit or within the derived bounds. Not complete: bounded by the launches that were run.
#include "fuzz/properties/property.h"
#include "kverify/check.h"

namespace kverify::properties {
namespace {

const CheckInfo kInvarianceInfo = {
    .id = kInvariance,
    .code = "KV2101",
    .stage = "fuzz",
    .summary = "a change of the inputs that must leave the result as it is, or move it in a known way, does not",
    .why = "Kernels that look at the size or the sign of their inputs, that apply a scale twice or shift by the wrong "
           "maximum are right on the inputs of a test and wrong on others. An identity of the operation needs no "
           "reference to show it.",
    .fix = "Run the two launches of the replay file and follow the first element that differs; remove thresholds and "
           "clamps that the operation does not have.",
    .soundness = "sound: the identity holds for every correct kernel, to the bit or within the derived bound; bounded by "
                 "the launches that were run",
};

const CheckInfo kIndependenceInfo = {
    .id = kIndependence,
    .code = "KV2102",
    .stage = "fuzz",
    .summary = "a result depends on data that it must not depend on",
    .why = "A tile that reaches into the next batch, head or row reads somebody else's data: with a weight of 0 nobody "
           "sees it until that data is NaN or infinite. A result that depends on what lay in the output before is "
           "right once.",
    .fix = "Guard the load: what lies outside of the row's own data becomes 0 (or -infinity for a score) before it is "
           "used, and accumulators start from a value of their own.",
    .soundness = "sound: within twice the derived bound, or to the bit; bounded by the launches that were run",
};

const CheckInfo kRangeInfo = {
    .id = kRange,
    .code = "KV2103",
    .stage = "fuzz",
    .summary = "a mean lies outside of what it is a mean of, or probabilities do not sum to 1",
    .why = "Weights that do not sum to 1 scale every result; on inputs of mean zero nobody sees it.",
    .fix = "Divide by the sum of the very weights that were used, after the last rescale, and take the maximum off first.",
    .soundness = "sound: within the derived bound; bounded by the launches that were run",
};

const CheckInfo kNonfiniteInfo = {
    .id = kNonfinite,
    .code = "KV2104",
    .stage = "fuzz",
    .summary = "a NaN or an infinity does not do what the contract says it does",
    .why = "fmaxf and comparisons drop a NaN: the row looks healthy, and the model that made the NaN is never found. What a "
           "mask hides is often uninitialised, and 0 * NaN is NaN.",
    .fix = "Where NaN must propagate, take the maximum with a comparison that keeps it, and do not clamp. Where masked data "
           "may hold anything, do not load it, or select 0 in its place before it is multiplied.",
    .soundness = "sound: asked only where the contract declares it; against IEEE arithmetic of the reference, or to the bit; "
                 "bounded by the launches that were run",
};

const RegisterCheck register_nonfinite(kNonfiniteInfo);
const RegisterCheck register_invariance(kInvarianceInfo);
const RegisterCheck register_independence(kIndependenceInfo);
const RegisterCheck register_range(kRangeInfo);

} // namespace
} // namespace kverify::properties
