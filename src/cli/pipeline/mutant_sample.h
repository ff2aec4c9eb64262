#pragma once
// The kernel's own mutants as wrong results: do the reference, its bound and this audit's inputs reject them?
#include <cstdint>
#include <string>
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/subject.h"
#include "simt/executor.h"

namespace kverify::pipeline {

struct MutantSample {
  std::uint64_t rejected = 0, total = 0; ///< wrong results
  std::vector<std::string> survivors;    ///< "a mutant at line 22: every partial sum is rounded to bfloat16"
  std::uint64_t undecided = 0;           ///< pass, and nobody can tell whether they are wrong; not in `total`
};

/// Up to a dozen mutants that change values, spread over their kinds and over the code, judged on some of the audit's
/// cases (the dearest cheap one of each family of values), and where these let one pass, on all of them.
///
/// No wrong results, and not counted, are those that break another rule first, that leave every bit as the kernel does,
/// and that are equal to the operation in the finite field. Where an operation has no evaluation in the field, one that
/// passes is undecided, unless its sums are too coarse by construction. The same mutants and the same answer in every
/// run. `checked` is the executor's program of the subject, where the caller has one: else it is compiled.
MutantSample judgeMutants(const Subject& subject, const std::vector<generate::Case>& cases, const AuditOptions& options,
                          simt::Program* checked = nullptr);

} // namespace kverify::pipeline
