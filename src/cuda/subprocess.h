#pragma once
// A program with its output caught and its time limited.
#include <string>
#include <utility>
#include <vector>

namespace kverify::cuda {

struct ProcessOptions {
  double timeout_s = 60;
  std::vector<std::pair<std::string, std::string>> environment; ///< beside this process's own
  std::size_t most_bytes = std::size_t{16} << 20;               ///< of output kept
};

struct ProcessResult {
  int exit_code = -1; ///< 128 + signal where a signal ended it; -1 where it did not start
  bool timed_out = false;
  std::string out, err;
};

ProcessResult runProcess(const std::vector<std::string>& command, const ProcessOptions& options = {});

} // namespace kverify::cuda
