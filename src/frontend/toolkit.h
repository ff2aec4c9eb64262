#pragma once
// Where NVIDIA's CUDA toolkit is on this machine, if anywhere.
#include <optional>
#include <string>

namespace kverify::frontend {

struct Toolkit {
  std::string path;     ///< its root: has include/cuda_runtime.h
  std::string version;  ///< "13.0", or "unknown"
  std::string found_by; ///< "CUDA_HOME", "nvcc on PATH" or "its usual place"
};

/// CUDA_HOME, then the nvcc on PATH, then /usr/local/cuda. A place without headers is passed over.
std::optional<Toolkit> findToolkit();

/// Where clang's own headers are: "/usr/lib/llvm-19/lib/clang/19". Nothing when libclang-common-19-dev is not
/// installed.
std::optional<std::string> findClangResourceDir();

} // namespace kverify::frontend
