#pragma once
// Which kernels a change touches, and why.
#include <string>
#include <vector>

#include "gate/change.h"
#include "gate/includes.h"

namespace kverify::gate {

/// A kernel's file, as a change sees it. Paths are from the repository's top.
struct KernelFile {
  std::string source;
  std::vector<std::string> documents; ///< its contract and the specification that the contract names
};

/// Files that every kernel's judgement hangs on: the policy, the baseline, compile_commands.json.
struct SharedFiles {
  std::vector<std::string> policy; ///< kverify.json, the baseline
};

/// Why `kernel` must be judged ("it changed", "it includes common/reduce.cuh, which changed"), or "".
std::string whyTouched(const KernelFile& kernel, const Change& change, const SharedFiles& shared, IncludeGraph& graph);

} // namespace kverify::gate
