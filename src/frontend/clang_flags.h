#pragma once
// What is said to clang's driver.
#include <string>
#include <vector>

#include "frontend/clang_job.h"

namespace kverify::frontend {

/// Folders of the in-memory file system.
inline constexpr const char* kBuiltinFolder = "/kverify/cuda";
/// Of headers that were searched for: each forwards to where it was found.
inline constexpr const char* kFoundFolder = "/kverify/found";
inline constexpr const char* kToolkitShims = "/kverify/toolkit-shims";
/// What clang-19 leaves out of NVIDIA's headers, though nvcc has it; included first in toolkit mode.
inline constexpr const char* kToolkitExtras = "kverify/toolkit_extras.h";
/// kv_requires and its like, of include/kverify: found by every kernel.
inline constexpr const char* kAnnotations = "kverify/annotations.h";

/// The whole command line, the program's name first.
std::vector<std::string> driverArguments(const ClangJob& job, const std::string& resource_dir);

/// nvcc's flags in clang's spelling, where there is one; those that say nothing about the source are dropped.
std::vector<std::string> clangSpelling(const std::vector<std::string>& user_flags);

} // namespace kverify::frontend
