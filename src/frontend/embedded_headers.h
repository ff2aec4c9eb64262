#pragma once
// What is carried in the binary: the built-in CUDA headers (src/frontend/cuda_headers), the shims of PyTorch's headers
// (src/frontend/shims), and the scripts that Python runs (src/frontend/python).
#include <span>
#include <string_view>

namespace kverify::frontend {

struct EmbeddedHeader {
  const char* name; ///< as included: "cuda_fp16.h", "kverify/math.h"
  std::string_view bytes;
};

std::span<const EmbeddedHeader> embeddedHeaders();
std::span<const EmbeddedHeader> embeddedShims();
std::span<const EmbeddedHeader> embeddedScripts();

} // namespace kverify::frontend
