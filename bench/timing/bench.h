#pragma once
// One kernel timed at its shapes, beside the roof and beside a baseline.
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/stats/gap.h"
#include "bench/timing/contender.h"
#include "bench/timing/peaks.h"
#include "bench/timing/work.h"

namespace kverify::bench {

inline constexpr const char* kImpossible = "bench.impossible";
inline constexpr const char* kWrongResult = "bench.wrong-result";

/// A time so far below the floor that the peaks' own errors do not explain it.
inline constexpr double kImpossibleBelow = 0.9;

struct BenchOptions {
  StoppingRule rule;                ///< of each shape and mode
  unsigned rounds = 12, each = 4;   ///< of the interleaved comparison: rounds, samples of each side in one
  std::uint64_t seed = 1;
  std::uint32_t launch_ms = 20000;
  std::function<void(const std::string&)> progress; ///< may be empty
};

/// One way of timing: cold or hot.
struct Mode {
  std::vector<double> ms; ///< of one pass over the contract's launches, every sample that counts
  Summary summary;
  unsigned batch = 1;
  StopWhy why = StopWhy::Go;
  std::size_t discarded = 0;
  std::string throttle;
  double wall_excess_ms = 0;
};

struct ShapeReport {
  Shape shape;
  std::string problem; ///< why there are no times; else empty
  Work work;
  double floor_ms = 0;     ///< cold: inputs come from memory; what is written may stay in the cache, as far as that goes
  double hot_floor_ms = 0; ///< hot: all that fits may be in the cache
  Mode cold, hot;
  cuda::Health before, after;
  std::vector<cuda::FunctionInfo> functions;
  std::vector<Recheck> rechecks; ///< after the first sample, after the last cold one, after the comparison
  std::optional<Summary> baseline;
  std::vector<double> baseline_ms;
  std::string baseline_problem;
  ShapeTimes against_baseline, against_itself;

  bool impossible() const;
  /// The median that is furthest below its floor, and that floor.
  std::pair<double, double> worstAgainstFloor() const;
  double flopsPerSecond() const;
  double bytesPerSecond() const;
};

struct BenchReport {
  std::string file, kernel, contract, baseline;
  std::string problem; ///< why nothing was timed: no device, no nvcc
  bool no_device = false;
  cuda::DeviceInfo device;
  std::string compiler;
  std::vector<cuda::CompiledKernel> kernels;
  Peaks peaks;
  std::vector<ShapeReport> shapes;
  std::optional<Gap> declared, held_back, against_itself;
  double null_spread = 0;
  Claim claim = Claim::Inconclusive;
  bool overfitted = false;
  std::vector<std::string> plots, notes;
  double seconds = 0;
};

/// Times everything. `baseline` may be null. Never fails: what went wrong is in the report.
BenchReport runBench(const pipeline::Subject& subject, const std::vector<Shape>& shapes, Contender* baseline,
                     const BenchOptions& options);

/// Samples by the rule, hot or cold.
Expected<Mode> measure(Contender& contender, bool cold, const StoppingRule& rule);

} // namespace kverify::bench
