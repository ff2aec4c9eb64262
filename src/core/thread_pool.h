#pragma once
// A fixed set of workers that run indexed jobs; the caller's thread takes part.
#include <cstddef>
#include <functional>

namespace kverify {

/// Cores this process may use; at least 1.
unsigned availableCores();

/// Runs job(i) for every i in [0, count) on up to `workers` threads and waits. Jobs must not throw.
/// Jobs start in the order of i, so results that are put in slot i are deterministic.
void parallelFor(std::size_t count, unsigned workers, const std::function<void(std::size_t)>& job);

} // namespace kverify
