#pragma once
// Makes a counterexample small: sizes first, then values to few non-zeros; and finds out what does not matter at all.
#include "cli/pipeline/fold.h"
#include "cli/pipeline/subject.h"
#include "simt/executor.h"

namespace kverify::pipeline {

struct ShrinkBudget {
  int size_runs = 60;   ///< launches that may be spent on sizes, for one finding
  int value_runs = 120; ///< on values
  double seconds = 3;   ///< of one finding; what was reached by then stands
};

/// The same accusation (check and place) from the smallest case that was found. `example` says in words what
/// the case is and what of it does not matter. A case without contract has no sizes: it stays.
ShownFinding shrunk(const Subject& subject, ShownFinding shown, simt::Program& program, const simt::RunLimits& limits,
                    const ShrinkBudget& budget = {});

} // namespace kverify::pipeline
