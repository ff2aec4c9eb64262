// Purpose: the one check of the finite-field run. Sound: a kernel that computes its spec in exact arithmetic is equal
// to it in every run (fuzz/shadow/algebra.h). Complete up to the stated probability on the sizes that were run.
#include "fuzz/shadow/algebra.h"
#include "kverify/check.h"

namespace kverify::shadow {
namespace {

const CheckInfo kMismatch = {
    .id = kAlgebraCheck,
    .code = "KV2301",
    .stage = "fuzz",
    .summary = "the kernel does not compute its operation, whatever the rounding",
    .why = "Every float carries a residue beside it, in a finite field where + - * / and exp are exact, and the outputs "
           "differ from the operation evaluated in the same field. So it is no rounding: a key is lost or live that "
           "should not be, a scale is wrong, a rescale is missing, an index is off.",
    .fix = "Compare the element named with the operation by hand: masks and tails first, then what is rescaled when the "
           "maximum rises, then scale and indices. kverify shadow prints where the run left the field, if it did.",
    .soundness = "no kernel whose exact arithmetic is the operation's is accused; a wrong one escapes a run with the "
                 "probability that the report states",
};

const RegisterCheck register_mismatch(kMismatch);

} // namespace
} // namespace kverify::shadow
