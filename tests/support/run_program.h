#pragma once
// Runs a program as a user would, with its output caught.
#include <map>
#include <string>
#include <vector>

namespace kverify::tests {

struct ProgramRun {
  int exit_code = -1; ///< 128 + signal where a signal ended it
  std::string out, err;
};

struct RunSettings {
  std::string folder;                             ///< working directory; empty = this one
  std::map<std::string, std::string> environment; ///< in addition to this process's own
  double interrupt_after_seconds = 0;             ///< sends SIGINT to the program then; 0 = never
  double timeout_seconds = 60;                    ///< then it is killed
};

ProgramRun runProgram(const std::vector<std::string>& command, const RunSettings& settings = {});

/// A fresh folder below the test's temporary one, removed at the end.
class ScratchFolder {
public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }
  /// Writes a file (creating folders) and returns its name as given.
  std::string write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;

private:
  std::string path_;
};

} // namespace kverify::tests
