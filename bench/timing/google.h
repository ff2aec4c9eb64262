#pragma once
// One of our measurements as a benchmark of Google Benchmark with manual time: its names, filters and JSON are what other tools
// read. When to stop is our own rule, so that one iteration is one whole measurement.
#include <functional>
#include <string>

namespace kverify::bench {

struct BenchmarkFigures {
  std::string error; ///< not empty: it failed
  double seconds = 0, flops = 0, bytes = 0; ///< of one pass
  std::size_t samples = 0;
  double uncertainty = 0;
};

/// Runs it at once.
void runAsBenchmark(const std::string& name, const std::function<BenchmarkFigures()>& measurement);

/// Where the library's own JSON goes; empty: nowhere. Before the first measurement.
void writeBenchmarksTo(const std::string& path);
/// Ends that file.
void finishBenchmarks();

} // namespace kverify::bench
