#pragma once
// The built-in CUDA headers (src/frontend/cuda_headers), carried in the binary.
#include <span>
#include <string_view>

namespace kverify::frontend {

struct EmbeddedHeader {
  const char* name; ///< as included: "cuda_fp16.h", "kverify/math.h"
  std::string_view bytes;
};

std::span<const EmbeddedHeader> embeddedHeaders();

} // namespace kverify::frontend
