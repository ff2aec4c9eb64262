#include "simt/warp_ops/tensor_core.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace kverify::simt::warp_ops {
namespace {

/// Bits kept below the largest exponent.
constexpr int kFraction = 25;
constexpr int kZeroExponent = -10000; // of a zero: it never decides the alignment

std::uint32_t bitsOf(float x) {
  return std::bit_cast<std::uint32_t>(x);
}

/// Exponent of x as [1, 2) · 2^e.
int exponentOf(float x) {
  const auto bits = bitsOf(x) & 0x7fffffffu;
  if (bits == 0)
    return kZeroExponent;
  return std::max(1, static_cast<int>(bits >> 23)) - 127;
}

std::int64_t significandOf(float x) { // with 23 fraction bits, sign included
  const auto bits = bitsOf(x);
  const std::int64_t magnitude = (bits & 0x7fffff) | ((bits >> 23 & 0xff) ? 0x800000 : 0);
  return bits >> 31 ? -magnitude : magnitude;
}

/// significand · 2^shift, cut toward zero.
std::int64_t shifted(std::int64_t significand, int shift) {
  if (shift >= 0)
    return shift < 63 ? significand * (std::int64_t{1} << shift) : 0;
  if (shift < -62)
    return 0;
  const std::int64_t magnitude = std::abs(significand) >> -shift;
  return significand < 0 ? -magnitude : magnitude;
}

/// total · 2^exponent to fp32: cut toward zero, or rounded to odd where a rounding to fp16 follows.
float toFloat(std::int64_t total, int exponent, bool odd) {
  if (total == 0)
    return 0.0f;
  const bool negative = total < 0;
  auto magnitude = static_cast<std::uint64_t>(negative ? -total : total);
  const int top = 63 - std::countl_zero(magnitude);
  int drop = std::max(top - 23, -149 - exponent);
  bool lost = false;
  if (drop >= 64) {
    lost = true;
    magnitude = 0;
  } else if (drop > 0) {
    lost = (magnitude & ((std::uint64_t{1} << drop) - 1)) != 0;
    magnitude >>= drop;
  } else {
    drop = 0;
  }
  if (odd && lost)
    magnitude |= 1;
  const double value = std::ldexp(static_cast<double>(magnitude), exponent + drop);
  const float out = value > 0x1.fffffep127 ? HUGE_VALF : static_cast<float>(value);
  return negative ? -out : out;
}

} // namespace

float referenceSum(const float* a, const float* b, int stride_b, int k, float c, Format format) {
  bool nan = std::isnan(c), plus = c == HUGE_VALF, minus = c == -HUGE_VALF;
  int largest = c == 0 ? kZeroExponent : std::max(exponentOf(c), format.least_addend);
  for (int i = 0; i < k; ++i) {
    const float x = a[i], y = b[i * stride_b];
    if (!std::isfinite(x) || !std::isfinite(y)) {
      const float p = x * y;
      nan |= std::isnan(p);
      plus |= p == HUGE_VALF;
      minus |= p == -HUGE_VALF;
    } else if (x != 0 && y != 0) {
      largest = std::max(largest,
                         std::max(exponentOf(x), format.least_factor) + std::max(exponentOf(y), format.least_factor));
    }
  }
  if (nan || (plus && minus))
    return std::bit_cast<float>(0x7fffffffu);
  if (plus || minus)
    return plus ? HUGE_VALF : -HUGE_VALF;
  const int unit = largest - kFraction; // the sum counts in 2^unit
  std::int64_t total = 0;
  if (c != 0)
    total += shifted(significandOf(c), exponentOf(c) - 23 - unit);
  for (int i = 0; i < k; ++i) {
    const float x = a[i], y = b[i * stride_b];
    if (x == 0 || y == 0)
      continue;
    total += shifted(significandOf(x) * significandOf(y), exponentOf(x) + exponentOf(y) - 46 - unit);
  }
  return toFloat(total, unit, format.half_result);
}

namespace {

/// Exponent fields (biased by 127) as 16-bit numbers, -4000 for zero. False: one is outside 2^±range, or not finite.
/// Exponents below `least` count as `least`: subnormals of the input format. Factors within 2^±62 and addends within
/// 2^±90 keep products and their alignment within normal floats.
template <int N>
bool exponentsOf(const float* x, std::int16_t* out, int range, int least) {
  const __m256i low = _mm256_set1_epi32(127 - range), high = _mm256_set1_epi32(127 + range),
                zero = _mm256_setzero_si256();
  const __m256i none = _mm256_set1_epi32(-4000);
  __m256i bad = zero;
  for (int i = 0; i < N; i += 16) {
    __m256i e[2];
    for (int j = 0; j < 2; ++j) {
      const __m256i bits = _mm256_slli_epi32(_mm256_castps_si256(_mm256_load_ps(x + i + 8 * j)), 1);
      const __m256i exponent = _mm256_srli_epi32(bits, 24);
      const __m256i is_zero = _mm256_cmpeq_epi32(bits, zero);
      const __m256i outside = _mm256_or_si256(_mm256_cmpgt_epi32(low, exponent), _mm256_cmpgt_epi32(exponent, high));
      bad = _mm256_or_si256(bad, _mm256_andnot_si256(is_zero, outside));
      e[j] = _mm256_blendv_epi8(_mm256_max_epi32(exponent, _mm256_set1_epi32(127 + least)), none, is_zero);
    }
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(e[0], e[1]), 0xd8);
    _mm256_store_si256(reinterpret_cast<__m256i*>(out + i), packed);
  }
  return _mm256_testz_si256(bad, bad) != 0;
}

/// One row of D: eight sums at once. `largest`: biased exponents (by 127), 32 bits each.
template <int K>
__m256 alignedRow(const float* a, const float (*b)[8], __m256 c, __m256i largest, bool half) {
  // All terms zero: any finite alignment will do.
  largest = _mm256_max_epi32(largest, _mm256_set1_epi32(127 - 126 + kFraction));
  const __m256i scale_bits = _mm256_slli_epi32(_mm256_sub_epi32(_mm256_set1_epi32(254 + kFraction), largest), 23);
  const __m256 scale = _mm256_castsi256_ps(scale_bits);
  __m256i sum = _mm256_setzero_si256();
  for (int k = 0; k < K; ++k) {
    const __m256 product = _mm256_mul_ps(_mm256_broadcast_ss(a + k), _mm256_load_ps(b[k]));
    sum = _mm256_add_epi32(sum, _mm256_cvttps_epi32(_mm256_mul_ps(product, scale)));
  }
  const __m256i addend = _mm256_cvttps_epi32(_mm256_mul_ps(c, scale));
  // |sum| < 16·2^27 fits 32 bits; with the addend it may not.
  __m256 out[2];
  for (int h = 0; h < 2; ++h) {
    const __m128i s = h ? _mm256_extracti128_si256(sum, 1) : _mm256_castsi256_si128(sum);
    const __m128i t = h ? _mm256_extracti128_si256(addend, 1) : _mm256_castsi256_si128(addend);
    const __m256d total = _mm256_add_pd(_mm256_cvtepi32_pd(s), _mm256_cvtepi32_pd(t));
    const __m256i low = _mm256_set1_epi64x((1 << 29) - 1);
    __m256i bits = _mm256_castpd_si256(total);
    const __m256i lost = _mm256_and_si256(bits, low);
    bits = _mm256_andnot_si256(low, bits);
    if (half) { // to odd
      const __m256i exact = _mm256_cmpeq_epi64(lost, _mm256_setzero_si256());
      bits = _mm256_or_si256(bits, _mm256_andnot_si256(exact, _mm256_set1_epi64x(1 << 29)));
    }
    out[h] = _mm256_castps128_ps256(_mm256_cvtpd_ps(_mm256_castsi256_pd(bits)));
  }
  const __m256 totals = _mm256_insertf128_ps(out[0], _mm256_castps256_ps128(out[1]), 1);
  const __m256 unit =
      _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_sub_epi32(largest, _mm256_set1_epi32(kFraction)), 23));
  return _mm256_mul_ps(totals, unit);
}

__m128i loadEight(const std::int16_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

/// Two rows of exponents, element by element: x0 y0 x1 y1 …
template <int K>
void interleave(const std::int16_t* x, const std::int16_t* y, std::int32_t* out) {
  for (int k = 0; k < K; k += 8) {
    const __m128i a = loadEight(x + k), b = loadEight(y + k);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + k), _mm_unpacklo_epi16(a, b));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + k + 4), _mm_unpackhi_epi16(a, b));
  }
}

/// Eight exponents for one row and eight for another, interleaved alike.
__m256i interleaved(const std::int16_t* x, const std::int16_t* y) {
  const __m128i a = loadEight(x), b = loadEight(y);
  return _mm256_set_m128i(_mm_unpackhi_epi16(a, b), _mm_unpacklo_epi16(a, b));
}

template <int K>
bool runFast(Product<K>& p, Format format) {
  alignas(32) std::int16_t ea[16 * K + 16], eb[K * 8], ec[128];
  const bool moderate = exponentsOf<16 * K>(&p.a[0][0], ea, 62, format.least_factor) &&
                        exponentsOf<K * 8>(&p.b[0][0], eb, 62, format.least_factor) &&
                        exponentsOf<128>(&p.c[0][0], ec, 90, format.least_addend);
  if (!moderate)
    return false;
  __m256i columns[K];
  for (int k = 0; k < K; ++k)
    columns[k] = interleaved(eb + 8 * k, eb + 8 * k);
  for (int m = 0; m < 16; m += 2) { // two rows in the halves of 32-bit lanes, a lane for each column
    alignas(32) std::int32_t rows[K < 8 ? 8 : K];
    interleave<K>(ea + m * K, ea + (m + 1) * K, rows);
    __m256i largest = _mm256_set1_epi16(-8000);
    for (int k = 0; k < K; ++k)
      largest = _mm256_max_epi16(largest, _mm256_add_epi16(_mm256_set1_epi32(rows[k]), columns[k]));
    largest =
        _mm256_max_epi16(_mm256_sub_epi16(largest, _mm256_set1_epi16(127)), interleaved(ec + 8 * m, ec + 8 * (m + 1)));
    for (int h = 0; h < 2; ++h) {
      const __m256i mine = _mm256_srai_epi32(h ? largest : _mm256_slli_epi32(largest, 16), 16);
      const __m256 c = _mm256_load_ps(p.c[m + h]);
      _mm256_store_ps(p.c[m + h], alignedRow<K>(p.a[m + h], p.b, c, mine, format.half_result));
    }
  }
  return true;
}

} // namespace

template <int K>
void run(Product<K>& product, Format format) {
  if (runFast(product, format))
    return;
  for (int m = 0; m < 16; ++m) {
    for (int n = 0; n < 8; ++n) {
      product.c[m][n] = referenceSum(product.a[m], &product.b[0][n], 8, K, product.c[m][n], format);
    }
  }
}

template void run<4>(Product<4>&, Format);
template void run<8>(Product<8>&, Format);
template void run<16>(Product<16>&, Format);

} // namespace kverify::simt::warp_ops
