#pragma once
// One kernel, prover against executor: what was proved for all launches of the contract, and what a launch broke.
#include <map>
#include <string>
#include <vector>

#include "kverify/contract.h"
#include "kverify/error.h"

namespace kverify::soundness {

struct JudgeOptions {
  unsigned obligation_ms = 300;
  double kernel_seconds = 2;
  unsigned contents = 2; ///< how many buffer contents each launch is run with
};

struct Judgement {
  std::map<std::string, std::string> formal; ///< check to "proved" or why not
  std::map<std::string, std::string> broken; ///< check to the launch that broke it, by the formal stage's ids
  std::size_t runs = 0, unfinished = 0;      ///< launches; of these: over the step limit, or not supported

  /// Checks that were proved, or not even judged, and that a launch breaks. Empty is as it should be.
  std::vector<std::string> unsound() const;
  bool allProved() const;
};

/// Proves `source` under the contract and runs every one of `boxes`. The prover may be lied to by `forged`: checks
/// taken for proved whatever it says, so that tests can see that a wrong proof is noticed.
/// Errors: Compile, Input.
Expected<Judgement> judge(const std::string& source, const std::string& contract, const std::vector<Sizes>& boxes,
                          const JudgeOptions& options = {}, const std::vector<std::string>& forged = {});

} // namespace kverify::soundness
