#pragma once
// kverify, started again for the work of one stage: the gate judges what the public commands say, and nothing else.
#include <string>
#include <vector>

namespace kverify::cli {

struct ChildRun {
  int exit_code = -1; ///< 128 + signal where a signal ended it; -1 where it did not start
  std::string out;
  bool interrupted = false; ///< it was told to end while it ran
};

/// Runs `kverify arguments…` with its standard output caught and its standard error shown. SIGINT and SIGTERM to this
/// process are passed on as SIGINT, so that the child can still say what it knows. One at a time.
ChildRun runKverify(const std::vector<std::string>& arguments);

/// Was one of the children told to end?
bool wasInterrupted();

} // namespace kverify::cli
