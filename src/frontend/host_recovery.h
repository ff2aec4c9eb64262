#pragma once
// Host code that does not compile must not stop the device code: the functions with errors are left out, and said.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "frontend/clang_job.h"
#include "frontend/left_out.h"

namespace kverify::frontend {

/// The files whose host code was changed, by the path under which clang opened them, and what was left out of them.
struct Recovery {
  std::map<std::string, std::string> changed;
  std::vector<LeftOut> left_out;
};

/// Blanks the host functions and other host declarations of `job`'s main file and of the user's headers that hold
/// `run`'s errors: a function loses its body first, all of it when its head is at fault. Lines keep their numbers.
/// Nothing when an error lies in device code, in what other code is shaped by, or outside the user's files: then the
/// errors are the file's.
std::optional<Recovery> leaveOutHostErrors(const ClangJob& job, const ClangRun& run, const Recovery& before);

} // namespace kverify::frontend
