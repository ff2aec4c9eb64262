#pragma once
// Every check that the formal stage judges. A new one gets its row here, and is then known to `explain`, `list-checks`
// and the reports, and unknown where the stage could not do its work.
#include <vector>

#include "kverify/check.h"

namespace kverify::verifier {

/// One row a check id that judgeKernel may give an outcome for.
const std::vector<ProofInfo>& proofs();

} // namespace kverify::verifier
