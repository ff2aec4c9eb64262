// What the timing stage judges.
#include "kverify/check.h"

namespace kverify::bench {
namespace {

const CheckInfo kImpossibleInfo{
    "bench.impossible",
    "KV2701",
    "bench",
    "a time below what the card can do: fewer bytes or operations than the operation needs",
    "the work is not done, not done in that time, or not timed: a benchmark that believes it reports a speed-up that is none",
    "look for a result that is cached, an early return, or work behind the timed region",
    "the floor is the operation's bytes (less what the L2 may hold) and flops over peaks of the same session, less a tenth; complete only "
    "for operations whose least work is known"};
const CheckInfo kWrongInfo{"bench.wrong-result",
                           "KV2702",
                           "bench",
                           "the results of timed launches are not those of the inputs they had",
                           "right when it was checked and wrong when it was timed: results kept by pointer, or a kernel that "
                           "changes after some calls",
                           "compute every result anew: inputs change while their addresses do not",
                           "sampled rows of three of the timed launches, under the bound of numerics.bound"};
const RegisterCheck registrations[] = {RegisterCheck(kImpossibleInfo), RegisterCheck(kWrongInfo)};

} // namespace
} // namespace kverify::bench
