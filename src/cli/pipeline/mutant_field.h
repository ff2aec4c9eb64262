#pragma once
// The algebra of a mutant in just those cases in which it differs from the kernel.
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "cli/pipeline/case_run.h"
#include "cli/pipeline/subject.h"
#include "simt/executor.h"

namespace kverify::pipeline {

struct FieldEvidence {
  std::size_t cases = 0; ///< in which it is equal to the operation, with every set of residues
  double escape = 0;     ///< a wrong algebra escapes one run with this probability at most
  std::string unequal;   ///< where it is not, with two sets of residues: how; else empty
  std::string undecided; ///< a case that could not be judged: why; else empty
};

/// Field runs of cases that the mutant has passed as ordinary ones, with residues of several seeds each. Only of cases
/// in which the kernel itself is equal to the operation: else a difference would say nothing of the mutant.
class FieldBench {
public:
  /// Nothing is ever judged where the operation is not evaluated in the field.
  FieldBench(const Subject& kernel, const simt::RunLimits& limits) : kernel_(kernel), limits_(limits) {}

  /// At most four of the cases, spread over them; stops at the first that is unequal. Thread-safe.
  FieldEvidence compare(const Subject& mutant, std::span<const PreparedCase* const> cases) const;

private:
  bool kernelIsEqual(const PreparedCase& prepared) const;

  const Subject& kernel_;
  simt::RunLimits limits_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<simt::Program> program_; ///< the kernel's, once it is needed
  mutable std::map<const PreparedCase*, bool> equal_;
};

} // namespace kverify::pipeline
