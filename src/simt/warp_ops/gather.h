#pragma once
// The fragments of m16n8k16 with 16-bit factors as matrices of floats, eight elements at a time: half of the time of a
// product when done one by one.
#include <immintrin.h>

#include "simt/warp_ops/tensor_core.h"

namespace kverify::simt::warp_ops {

/// Eight 16-bit values, in order, as floats.
template <InputKind Kind>
inline __m256 widenEight(__m128i halves) {
  if constexpr (Kind == InputKind::Half)
    return _mm256_cvtph_ps(halves);
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

/// A: lanes 4g … 4g+3 hold rows g (registers 0 and 2) and g+8 (1 and 3), eight columns to a register.
template <InputKind Kind>
inline void gatherA(const void* const in[32], float (&a)[16][16]) {
  for (int g = 0; g < 8; ++g) {
    __m128 r[4];
    for (int t = 0; t < 4; ++t)
      r[t] = _mm_loadu_ps(static_cast<const float*>(in[4 * g + t]));
    _MM_TRANSPOSE4_PS(r[0], r[1], r[2], r[3]);
    for (int i = 0; i < 4; ++i)
      _mm256_store_ps(&a[g + 8 * (i % 2)][8 * (i / 2)], widenEight<Kind>(_mm_castps_si128(r[i])));
  }
}

/// B: lanes 4g … 4g+3 hold column g, rows 0-7 in register 4 and 8-15 in register 5, two rows to a register.
template <InputKind Kind>
inline void gatherB(const void* const in[32], float (&b)[16][8]) {
  alignas(32) std::uint16_t columns[2][8][8]; // half of the rows, column, row
  for (int lane = 0; lane < 32; ++lane) {
    const auto* words = static_cast<const std::uint32_t*>(in[lane]) + 4;
    for (int half = 0; half < 2; ++half)
      __builtin_memcpy(&columns[half][lane / 4][2 * (lane % 4)], words + half, 4);
  }
  for (int half = 0; half < 2; ++half) {
    __m128i c[8], d[8];
    for (int n = 0; n < 8; ++n)
      c[n] = _mm_load_si128(reinterpret_cast<const __m128i*>(columns[half][n]));
    for (int n = 0; n < 4; ++n) {
      d[2 * n] = _mm_unpacklo_epi16(c[2 * n], c[2 * n + 1]);
      d[2 * n + 1] = _mm_unpackhi_epi16(c[2 * n], c[2 * n + 1]);
    }
    for (int n = 0; n < 2; ++n) {
      for (int h = 0; h < 2; ++h) {
        c[4 * n + 2 * h] = _mm_unpacklo_epi32(d[4 * n + h], d[4 * n + 2 + h]);
        c[4 * n + 2 * h + 1] = _mm_unpackhi_epi32(d[4 * n + h], d[4 * n + 2 + h]);
      }
    }
    for (int k = 0; k < 4; ++k) {
      _mm256_store_ps(b[8 * half + 2 * k], widenEight<Kind>(_mm_unpacklo_epi64(c[k], c[4 + k])));
      _mm256_store_ps(b[8 * half + 2 * k + 1], widenEight<Kind>(_mm_unpackhi_epi64(c[k], c[4 + k])));
    }
  }
}

} // namespace kverify::simt::warp_ops
