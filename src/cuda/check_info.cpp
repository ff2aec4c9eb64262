// What only a run on a real GPU shows.
#include "kverify/check.h"

namespace kverify::cuda {
namespace {

const CheckInfo kFault{"gpu.fault",
                       "KV2601",
                       "gpu",
                       "a launch on the GPU ends with an error of the device",
                       "an illegal or misaligned access, a trap: every later call of the process fails too, whoever makes it",
                       "run the same case on the executor (kverify audit without --backend cuda): it names the access",
                       "complete for the cases that were run: what the device does not notice is not seen"};
const CheckInfo kAgreement{"gpu.agreement",
                           "KV2602",
                           "gpu",
                           "GPU and executor give results that differ by more than the bound",
                           "the result depends on an order that the kernel does not fix, or on something that the executor models otherwise",
                           "look at what is not deterministic in the kernel (atomics, races); report it if there is nothing",
                           "for the cases that were run on both; accuses nobody: a disagreement is an unknown"};
const RegisterCheck registrations[] = {RegisterCheck(kFault), RegisterCheck(kAgreement)};

} // namespace
} // namespace kverify::cuda
