#pragma once
// This program again, in a process of its own: what it does there can't reach what this one holds.
#include <string>
#include <vector>

namespace kverify::cli {

/// Runs `kverify ARGUMENTS…` with this process's own input, output and error. Returns its exit code, 128 + the signal where
/// one ended it, -1 where it could not be started. Ctrl-C is left to it: this process waits for its end.
int runSelf(const std::vector<std::string>& arguments);

struct SelfOutput {
  int exit_code = -1;
  std::string out; ///< what it wrote to its standard output, 64 MiB at most
};

/// The same with its standard output caught.
SelfOutput askSelf(const std::vector<std::string>& arguments);

} // namespace kverify::cli
