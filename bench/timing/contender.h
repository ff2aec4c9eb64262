#pragma once
// Who is timed: the kernel, or what it is set against. Each is prepared for a shape, then gives samples whenever asked, so that two
// can take turns.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/timing/sampled.h"
#include "cli/pipeline/subject.h"
#include "cuda/gpu.h"
#include "cuda/nvcc.h"
#include "kverify/error.h"

namespace kverify::bench {

/// One shape of the contract: complete sizes.
struct Shape {
  Sizes sizes;
  bool held_back = false;
  std::string text() const; ///< "B=4 H=16 Nq=4096 …": the free sizes
  std::vector<std::string> free; ///< names that text() shows
};

/// Times as they came, and which of them count.
struct SampleSet {
  std::vector<double> ms;              ///< those that count
  std::size_t discarded = 0;           ///< taken while the card was throttled
  std::string throttle;                ///< why
  std::vector<cuda::Health> health;    ///< of all
  double wall_excess_ms = 0;           ///< the most that the host's clock was above the events: work behind them
};

/// What came of checking the results of timed launches.
struct Recheck {
  std::optional<SampledJudgement> judgement;
  std::string problem; ///< why nothing was checked
  std::uint32_t set = 0;
};

class Contender {
public:
  virtual ~Contender() = default;
  virtual std::string name() const = 0;
  virtual Expected<void> prepare(const Shape& shape) = 0;
  virtual Expected<SampleSet> sample(unsigned samples, unsigned batch, bool cold) = 0;
  /// Judges what the last sample left.
  virtual Recheck recheck() = 0;
  /// Of the last launch's kernel; empty where nobody knows.
  virtual std::vector<cuda::FunctionInfo> functions() const { return {}; }
};

/// A kernel with a contract, through the worker. It keeps a worker of its own, so that two of them do not take each other's buffers.
Expected<std::unique_ptr<Contender>> kernelContender(const pipeline::Subject& subject, std::uint64_t seed, std::uint32_t launch_ms);

/// What ptxas said of a contender's kernels (kernelContender only).
const std::vector<cuda::CompiledKernel>* compiledOf(const Contender& contender);

/// An external command that speaks kverify.baseline/1. `subject` has the contract whose tensors and options it is told.
Expected<std::unique_ptr<Contender>> commandContender(const std::string& command, const pipeline::Subject& subject,
                                                      std::uint64_t seed);

} // namespace kverify::bench
