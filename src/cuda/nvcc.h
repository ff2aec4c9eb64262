#pragma once
// A kernel's source to machine code for the device at hand, by the toolkit's own compiler, kept on disk by content.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cuda/ptxas.h"
#include "kverify/error.h"

namespace kverify::cuda {

/// A kernel that the cubin must hold.
struct WantedKernel {
  std::string name;    ///< as C++ writes it: "ns::flash<64, true>"
  std::string mangled; ///< as clang mangles it
};

struct NvccOptions {
  std::string nvcc;                ///< path; empty: findNvcc()
  int major = 9, minor = 0;        ///< compute capability
  std::vector<std::string> flags;  ///< the user's, for clang: -I, -D, -U, -std, -isystem, -include are passed on
  std::vector<std::pair<std::string, std::string>> headers; ///< path below the include folder, text
  std::string cache;               ///< folder; must be given
};

struct CompiledKernel {
  std::string symbol; ///< in the cubin: clang and nvcc do not mangle static functions and unnamed namespaces alike
  PtxasFunction resources;
};

struct Cubin {
  std::vector<std::uint8_t> bytes;
  std::vector<CompiledKernel> kernels; ///< one for each wanted, in their order
  std::string arch;                    ///< "sm_90a"
  std::string compiler;                ///< "nvcc 13.0.88"
  bool cached = false;
};

/// $KVERIFY_NVCC, nvcc on the PATH, $CUDA_HOME/bin/nvcc, /usr/local/cuda/bin/nvcc; empty where there is none.
std::string findNvcc();

/// "13.0.88" of `nvcc --version`'s output, or empty.
std::string parseNvccVersion(const std::string& output);

/// The flags that mean the same to nvcc as to clang. What is left out changes nothing that a kernel computes (warnings,
/// clang's own options).
std::vector<std::string> flagsForNvcc(const std::vector<std::string>& clang_flags);

/// Errors: Environment (no nvcc), Compile (its own text), Internal (a wanted kernel is not in what came out).
Expected<Cubin> compileCubin(const std::string& path, const std::vector<WantedKernel>& wanted, const NvccOptions& options);

/// The symbol of `mangled` among those of a cubin; empty where none is it.
std::string findSymbol(const std::string& mangled, const std::vector<PtxasFunction>& functions);

/// $XDG_CACHE_HOME/kverify/cubins or ~/.cache/kverify/cubins, else a folder below the temporary one.
std::string defaultCubinCache();

} // namespace kverify::cuda
