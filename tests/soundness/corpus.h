#pragma once
// Mutants of the certified corpus, prover against executor.
#include <map>
#include <string>
#include <vector>

#include "kverify/report.h"
#include "tests/soundness/mutate.h"

namespace kverify::soundness {

struct MutantOptions {
  std::size_t cases = 6; ///< launches the executor tries
  double work = 3e5;     ///< multiply-adds of one
};

/// What became of one mutant.
struct MutantJudged {
  bool compiled = false;
  std::map<std::string, std::string> formal; ///< check to "proved", "refuted" or "unknown"
  std::map<std::string, std::string> broken; ///< checks that a launch of the fuzz stage breaks, values aside
  std::vector<std::string> wrong;            ///< proved and broken: never
  std::string error;
};

/// Writes the mutant beside a copy of the kernel's contract into `scratch` and has both stages judge it. `forged`:
/// checks taken for proved whatever the prover says.
MutantJudged judgeMutant(const Mutant& mutant, const std::string& kernel_folder, const std::string& scratch,
                         const MutantOptions& options = {}, const std::vector<std::string>& forged = {});

struct MutantCounts {
  std::size_t mutants = 0, not_compiled = 0;
  std::size_t broken = 0;  ///< by the executor, in any check that the formal stage judges
  std::size_t proved = 0;  ///< every check proved
  std::size_t refuted = 0; ///< some check refuted by the formal stage
  std::size_t unknown = 0; ///< neither
  std::size_t wrong = 0;
  void add(const MutantJudged& one);
};

} // namespace kverify::soundness
