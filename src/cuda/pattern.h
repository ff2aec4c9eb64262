#pragma once
// Values for buffers that are too large to send: a hash of the element's place, exact in every float type, so that host
// and device have the same ones. Mean 0, standard deviation 1.15, roughly normal.
#include <cstdint>

#include "core/split_mix.h"

namespace kverify::cuda {

/// From one set of contents of a timing job to the next.
inline constexpr std::uint64_t kPatternSetStep = 1000003;

constexpr std::uint64_t patternHash(std::uint64_t seed, std::uint64_t element) {
  return splitMix(seed * 0x9e3779b97f4a7c15ull + element);
}

/// The sum of four 5-bit numbers less its mean, in sixteenths: at most 62/16, six bits of significand.
constexpr float patternValue(std::uint64_t seed, std::uint64_t element) {
  std::uint64_t h = patternHash(seed, element);
  int sum = static_cast<int>((h & 31) + (h >> 5 & 31) + (h >> 10 & 31) + (h >> 15 & 31)) - 62;
  return static_cast<float>(sum) / 16.0f;
}

/// What is appended to a kernel's source before nvcc sees it: the same in CUDA, and a kernel that does nothing. The types
/// are written as raw bits so that no header is needed; `type` is a PatternType.
inline constexpr const char* kDeviceHelpers = R"(
extern "C" __global__ void kverify_empty() {}
extern "C" __global__ void kverify_fill(void* to, unsigned long long count, unsigned long long seed, int type) {
  const unsigned long long step = 1ull * gridDim.x * blockDim.x;
  for (unsigned long long i = 1ull * blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
    unsigned long long x = seed * 0x9e3779b97f4a7c15ull + i + 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    x = x ^ (x >> 31);
    const int sum = static_cast<int>((x & 31) + (x >> 5 & 31) + (x >> 10 & 31) + (x >> 15 & 31)) - 62;
    const float value = static_cast<float>(sum) / 16.0f;
    const unsigned bits = __float_as_uint(value);
    if (type == 0)
      static_cast<float*>(to)[i] = value;
    else if (type == 2) // bf16: the upper half, nothing is lost
      static_cast<unsigned short*>(to)[i] = static_cast<unsigned short>(bits >> 16);
    else // f16: rebias the exponent; 0 stays 0, the smallest other value is 1/16
      static_cast<unsigned short*>(to)[i] = static_cast<unsigned short>(
          sum == 0 ? 0 : (bits >> 16 & 0x8000u) | (((bits >> 23 & 0xffu) - 112u) << 10) | (bits >> 13 & 0x3ffu));
  }
}
)";

} // namespace kverify::cuda
