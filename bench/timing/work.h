#pragma once
// What an operation must do at least: floating-point operations, and bytes to and from memory.
#include <string>

#include "kverify/contract.h"
#include "kverify/launch.h"

namespace kverify::bench {

struct Work {
  double flops = 0;  ///< 0: no lower limit is known
  double bytes = 0;  ///< every input once, every output once
  double written = 0; ///< of them, the outputs: they may stay in the cache for a while
  std::string unit;  ///< which peak bounds the flops: "f32", "f16", "bf16"
};

/// Of the contract's operation at the plan's sizes. Without an operation, or where an option leaves parts of the inputs unread
/// (lengths, windows), only what must be written counts.
Work workOf(const Contract& contract, const LaunchPlan& plan);

} // namespace kverify::bench
