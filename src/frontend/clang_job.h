#pragma once
// One run of clang in this process: the driver's arguments, the files it sees, and its diagnostics as text.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "frontend/included_files.h"
#include "kverify/error.h"

namespace clang {
class FrontendAction;
class PPCallbacks;
} // namespace clang

namespace kverify::frontend {

/// A header that no -I leads to, and the folder from which it is there.
struct FoundHeader {
  std::string name, folder;
};

struct ClangJob {
  std::string path;  ///< as the user wrote it; diagnostics show it so
  std::string bytes; ///< what the main file is to contain
  std::string target = "sm_80";
  std::vector<std::string> extra_flags; ///< the user's
  std::string toolkit;                  ///< its root for toolkit headers; empty = the built-in headers
  bool rich_prelude = false;            ///< built-in only: pre-include the host headers that nvcc pre-includes
  std::map<std::string, std::string> replaced; ///< other files' bytes to see in place of the disk's, by their paths
  bool host_side = false;                      ///< compile for this machine what the device does not run
  std::vector<FoundHeader> found;              ///< each alone, not its whole folder: nothing else there hides anything
  bool all_errors = false;                     ///< do not stop at the twentieth
};

struct ClangRun {
  /// Where a diagnostic points to in a file, macros expanded.
  struct Place {
    std::string path; ///< as clang opened it
    std::size_t offset = 0;
  };
  struct Error {
    std::string message;
    std::string file;  ///< as it is shown
    unsigned line = 0; ///< the same
    std::vector<Place> places; ///< its own, then those of the instantiations that led to it, outwards
  };
  bool ok = false;
  std::string diagnostics; ///< as clang prints them, without colour
  unsigned errors = 0;
  bool blames_headers = false; ///< an error that other headers could cure
  std::vector<Error> errors_at;
  std::vector<IncludedFile> included; ///< sorted by path
};

/// What an action's preprocessor saw of the host's libraries.
struct HostHeaders {
  bool used = false;                ///< a header of PyTorch's or of another library of the host's was included
  std::vector<std::string> missing; ///< of them, those that are not installed: passed over
};

/// For an action's preprocessor.
std::unique_ptr<clang::PPCallbacks> listenForHostHeaders(HostHeaders& headers);

/// Runs `action` over the job's device side, or over its host side. Thread-safe; nothing is written to disk.
/// Errors: Environment (clang's own headers missing), Usage (flags that clang's driver does not take).
Expected<ClangRun> runClang(const ClangJob& job, clang::FrontendAction& action);

} // namespace kverify::frontend
