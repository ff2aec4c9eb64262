#pragma once
// The sum of a tensor core, bit for bit as far as it was measured.
//
// D = C + sum of K products. The products are exact. All K+1 terms are aligned to the largest exponent among them (a
// product's exponent is the sum of its factors', before normalisation), cut toward zero to kFraction bits below it,
// added exactly, and the sum is cut toward zero to fp32 (rounded to nearest for an fp16 result).
#include <immintrin.h>

#include <bit>
#include <cstdint>

namespace kverify::simt::warp_ops {

enum class InputKind { Half, Brain, Tf32 };

template <InputKind Kind>
inline float widen(std::uint32_t bits) {
  if constexpr (Kind == InputKind::Half) return _cvtsh_ss(static_cast<unsigned short>(bits));
  if constexpr (Kind == InputKind::Brain) return std::bit_cast<float>(bits << 16);
  return std::bit_cast<float>(bits & 0xffffe000u);  // tf32 ignores the low 13 bits
}

inline std::uint32_t narrowToHalf(float x) { return x != x ? 0x7fffu : _cvtss_sh(x, 0); }

/// Operands widened to float; `c` also takes the result.
template <int K>
struct Product {
  alignas(32) float a[16][K];
  alignas(32) float b[K][8];
  alignas(32) float c[16][8];
};

/// half: the accumulator is fp16; the result is then left in `c` unrounded beyond fp32… see tensor_core.cpp.
template <int K>
void run(Product<K>& product, bool half);

/// The same for one element, in integers and for any input, infinities and NaNs too: the reference for tests and the
/// way out of the fast path.
float referenceSum(const float* a, const float* b, int stride_b, int k, float c, bool half);

}  // namespace kverify::simt::warp_ops
