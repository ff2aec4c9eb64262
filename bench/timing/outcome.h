#pragma once
// What the timing stage says of its checks, for a report of an audit.
#include "bench/timing/bench.h"
#include "kverify/report.h"

namespace kverify::bench {

/// Adds outcomes and findings of bench.impossible and bench.wrong-result.
void addOutcomes(const BenchReport& bench, const pipeline::Subject& subject, std::uint64_t seed, KernelReport& report);

/// The outcomes alone of a kernel that could not be timed.
void addUntimed(const Unknown& why, KernelReport& report);

} // namespace kverify::bench
