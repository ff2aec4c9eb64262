#pragma once
// Many random kernels in a row, with the first unsound ones made small.
#include <functional>

#include "tests/soundness/judge.h"
#include "tests/soundness/kernel.h"

namespace kverify::soundness {

struct Hit {
  std::uint64_t seed = 0;
  std::string what;   ///< the check and the launch that breaks it
  std::string source; ///< shrunk
};

struct Counts {
  std::size_t kernels = 0;
  std::size_t proved = 0;  ///< kernels of which every check was proved
  std::size_t refuted = 0; ///< kernels that some launch breaks
  std::size_t unknown = 0; ///< neither
  std::size_t checks_proved = 0, checks_refuted = 0, checks_unknown = 0;
  std::size_t outputs_proved = 0, outputs_refuted = 0, outputs_unknown = 0; ///< of these, output.unwritten
  std::size_t runs = 0, unfinished = 0;
  std::size_t failed = 0; ///< kernels that could not be judged at all: a defect of the harness
  std::string why_failed;
};

struct Campaign {
  Counts counts;
  std::vector<Hit> hits;
};

/// Judges generate(first), generate(first + 1), … until `go_on` says no.
Campaign run(std::uint64_t first, const JudgeOptions& options,
             const std::function<bool(const Campaign& so_far)>& go_on);

/// The smallest kernel found for which `fails` still holds, by leaving out statements and taking bodies out of theirs.
RandomKernel shrink(RandomKernel kernel, const std::function<bool(const RandomKernel&)>& fails);

/// In one line.
std::string inWords(const Counts& counts);

} // namespace kverify::soundness
