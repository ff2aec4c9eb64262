#pragma once
// What is to be audited: source files paired with their contracts.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/instantiate.h"
#include "kverify/error.h"

namespace kverify::pipeline {

/// One kernel (or one contract's sequence of kernels) to judge.
struct Job {
  std::string source;   ///< path of the .cu file, as the user wrote it
  std::string contract; ///< path, or empty: `launch` says how to run it
  std::string kernel;   ///< for a job without contract: the kernel's written name; empty = the only one in the file
  std::optional<contract::AssumeOptions> launch;
  bool compile_commands = true;   ///< take flags from a compile_commands.json (a replay has all it needs)
  std::optional<ToolError> error; ///< this file can't be audited, the others can
};

struct JobQuery {
  std::vector<std::string> paths; ///< files or folders
  std::string contract;           ///< for a single file; overrides the one beside it
  std::string kernel;             ///< only this one
  std::optional<contract::AssumeOptions> launch;
};

/// The jobs behind `paths`, sorted by path inside each folder. For K.cu the contract is K.contract.json beside it, or
/// contract.json where K.cu is called kernel.cu or is the folder's only .cu file.
/// Errors: Input (no such path, nothing in it), Usage (a combination of flags that makes no sense).
Expected<std::vector<Job>> findJobs(const JobQuery& query);

/// Without regard to blanks: "flash<64,true>" is "flash<64, true>".
bool sameKernelName(std::string_view a, std::string_view b);

} // namespace kverify::pipeline
