#pragma once
// What keeps a kernel from being let in although nothing refutes it. Pure.
#include <set>
#include <span>
#include <string>
#include <vector>

#include "gate/demands.h"
#include "kverify/report.h"

namespace kverify::gate {

/// A question that the demands want answered.
struct OpenQuestion {
  std::string check; ///< or empty: about a stage or the whole kernel
  std::string key;   ///< what a baseline keeps of it; empty: it may never be in one (a defect of the tool)
  std::string text;
};

/// Follows foldVerdict (kverify/verdict.h), with what is required said check by check: where every check requires the same
/// and no check is `accepted`, there is no open question exactly where foldVerdict certifies or refutes, but for stages that
/// were demanded and said nothing. A gate of the static stage alone has no question of runs and proofs.
/// `accepted`: checks that are refuted and let in all the same (known before, or of small severity).
std::vector<OpenQuestion> openQuestions(const KernelReport& kernel, const Demands& demands, const std::set<std::string>& accepted);

} // namespace kverify::gate
