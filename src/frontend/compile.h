#pragma once
// `.cu` -> DeviceModule, by LibTooling in this process.
#include <string>
#include <vector>

#include "frontend/device_module.h"

namespace kverify::frontend {

enum class CudaHeaders { Auto, Builtin, Toolkit };

struct CompileOptions {
  CudaHeaders headers = CudaHeaders::Auto;
  std::string target = "sm_80";         ///< sm_80 … sm_90
  std::vector<std::string> extra_flags; ///< user's -I, -D, -std … (after `--`)
  std::vector<std::string> kernels;     ///< written names wanted ("flash<64, true>"); empty = all non-template kernels
};

/// Compiles the file's device side. Only the kernels asked for are emitted.
/// Errors: Input (no such file, empty, no kernel in it, kernel not found with near names), Compile (clang's own text).
Expected<DeviceModule> compileFile(const std::string& path, const CompileOptions& options);

/// The same from memory; `path` is used for locations and relative includes.
Expected<DeviceModule> compileSource(const std::string& path, std::string bytes, const CompileOptions& options);

} // namespace kverify::frontend
