#pragma once
// The sum of a tensor core of sm_90, equal to the bit to an H200 on all that was measured.
//
// D = C + sum of K products. The products are exact. All K+1 terms are aligned to the largest exponent among them (a
// product's exponent is the sum of its factors', before normalisation, and subnormals have their format's smallest;
// zeros do not count), cut toward zero to 25 bits below it, added exactly, and the sum is cut toward zero to fp32, or
// rounded to nearest for an fp16 result. A result that vanishes is +0.
//
// Measured: 1,536 warps for each of m16n8k8 and m16n8k16 with f16 (fp32 and fp16 sums) and bf16, m16n8k4 and m16n8k8
// with tf32, an eighth each of: normal values; exponents spread over 2^±10; large and tiny addends with sparse
// products; cancelling products; subnormals; infinities, NaNs and signed zeros; overflow. No bit differs. sm_80 sums in
// groups of 8 with 24 bits, so its results can differ in the last places (Fasi et al. 2021; Li et al. 2024).
#include <immintrin.h>

#include <bit>
#include <cstdint>

namespace kverify::simt::warp_ops {

enum class InputKind { Half, Brain, Tf32 };

template <InputKind Kind>
inline float widen(std::uint32_t bits) {
  if constexpr (Kind == InputKind::Half)
    return _cvtsh_ss(static_cast<unsigned short>(bits));
  if constexpr (Kind == InputKind::Brain)
    return std::bit_cast<float>(bits << 16);
  return std::bit_cast<float>(bits & 0xffffe000u); // tf32 ignores the low 13 bits
}

inline std::uint32_t narrowToHalf(float x) {
  const std::uint32_t bits = x != x ? 0x7fffu : _cvtss_sh(x, 0);
  return bits == 0x8000u ? 0 : bits;
}

/// Operands widened to float; `c` also takes the result.
template <int K>
struct Product {
  alignas(32) float a[16][K];
  alignas(32) float b[K][8];
  alignas(32) float c[16][8];
};

struct Format {
  int least_factor = -126;  ///< smallest exponent of a factor's format
  int least_addend = -126;  ///< smallest exponent of the addend's format
  bool half_result = false; ///< the result is left rounded to odd in fp32, for one rounding to fp16 to follow
};

template <int K>
void run(Product<K>& product, Format format);

/// The same for one element, in integers and for any input, infinities and NaNs too: the reference for tests and the
/// way out of the fast path.
float referenceSum(const float* a, const float* b, int stride_b, int k, float c, Format format);

} // namespace kverify::simt::warp_ops
