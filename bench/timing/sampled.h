#pragma once
// Results too large to be judged whole: some rows of them, against the reference in fp64. A row of the output depends on few rows
// of the inputs; the operation on these alone is a small case of the same contract, and its reference and bound are the usual ones.
#include <cstdint>
#include <string>
#include <vector>

#include "cli/pipeline/subject.h"
#include "cuda/messages.h"
#include "kverify/launch.h"

namespace kverify::bench {

/// Which values the inputs have: patterns (cuda/pattern.h), a seed for each buffer.
std::uint64_t patternSeed(std::uint64_t seed, std::size_t buffer, std::uint64_t set);

struct SampledJudgement {
  std::uint64_t rows = 0, compared = 0;
  double worst_ratio = 0; ///< error/bound; infinite where a result is missing or not finite
  std::string where;      ///< "O[b=3, h=15, nq=131071, dv=17]"
  double got = 0, want = 0;
};

class SampledRows {
public:
  /// `plan` needs no contents: its float inputs hold patterns. Errors: Input (an operation whose rows cannot be told apart, a
  /// contract that does not allow the small case).
  static Expected<SampledRows> choose(const pipeline::Subject& subject, const LaunchPlan& plan, unsigned rows,
                                      std::uint64_t seed);

  /// The parts of the buffers that judge() wants, in its order.
  const std::vector<cuda::JobSlice>& slices() const { return slices_; }

  /// `set`: of the contents. Errors: as of askReferences.
  Expected<SampledJudgement> judge(const std::vector<std::vector<std::uint8_t>>& slices, std::uint64_t set) const;

private:
  struct Row {
    std::vector<std::int64_t> index; ///< along the output's axes but the last
  };
  SampledRows(const pipeline::Subject& subject, const LaunchPlan& plan, std::uint64_t seed)
      : subject_(&subject), plan_(&plan), seed_(seed) {}
  Expected<LaunchPlan> smallCase(const Row& row, std::uint64_t set) const;

  const pipeline::Subject* subject_;
  const LaunchPlan* plan_;
  std::uint64_t seed_;
  std::string output_; ///< role
  std::vector<Row> rows_;
  std::vector<cuda::JobSlice> slices_;
};

} // namespace kverify::bench
