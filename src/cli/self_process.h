#pragma once
// This program again, in a process of its own: what it does there can't reach what this one holds.
#include <string>
#include <vector>

#include <sys/types.h>

namespace kverify::cli {

struct StartSelf {
  int output = -1;    ///< where its standard output goes; -1: to ours
  bool apart = false; ///< a process group of its own and nothing on its input: a terminal's Ctrl-C does not reach it
};

/// Starts `kverify ARGUMENTS…`; -1 where it could not be started.
pid_t startSelf(const std::vector<std::string>& arguments, const StartSelf& how);

/// Waits for its end: its exit code, or 128 + the signal where one ended it.
int waitForSelf(pid_t pid);

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
