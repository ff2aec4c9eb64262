#pragma once
// One run of clang in this process: the driver's arguments, the files it sees, and its diagnostics as text.
#include <memory>
#include <string>
#include <vector>

#include "kverify/error.h"

namespace clang {
class FrontendAction;
}

namespace kverify::frontend {

struct ClangJob {
  std::string path;  ///< as the user wrote it; diagnostics show it so
  std::string bytes; ///< what the main file is to contain
  std::string target = "sm_80";
  std::vector<std::string> extra_flags; ///< the user's
  std::string toolkit;                  ///< its root for toolkit headers; empty = the built-in headers
  bool rich_prelude = false;            ///< built-in only: pre-include the host headers that nvcc pre-includes
};

struct ClangRun {
  bool ok = false;
  std::string diagnostics; ///< as clang prints them, without colour
  unsigned errors = 0;
  bool blames_headers = false; ///< an error that other headers could cure
};

/// Runs `action` over the job's device side. Thread-safe; nothing is written to disk.
/// Errors: Environment (clang's own headers missing), Usage (flags that clang's driver does not take).
Expected<ClangRun> runClang(const ClangJob& job, clang::FrontendAction& action);

} // namespace kverify::frontend
