#pragma once
// Operands of matrix products in eight regimes, the same here as in the program that ran on the GPU.
#include "hardware_operands.h"

namespace kverify::simt::testing {

inline constexpr int kMmaWarps = 1536;
inline constexpr int kMmaWords = 10; ///< of a lane: four of A, two of B, four of C
enum MmaKind { kF16K16, kBf16K16, kTf32K8, kF16K8, kBf16K8, kTf32K4, kF16K16Half, kF16K8Half };

class MmaOperands {
public:
  explicit MmaOperands(int kind) : kind_(kind), g_{static_cast<std::uint64_t>(kind) + 77} {}

  /// kMmaWarps x 32 lanes x kMmaWords; the regime of a warp is its number modulo 8.
  std::vector<std::uint32_t> all() {
    std::vector<std::uint32_t> out;
    out.reserve(static_cast<std::size_t>(kMmaWarps) * 32 * kMmaWords);
    for (int warp = 0; warp < kMmaWarps; ++warp) {
      for (int word = 0; word < 32 * kMmaWords; ++word) {
        const int k = word % kMmaWords;
        out.push_back(next(warp, k < 4 ? 0 : k < 6 ? 1 : 2));
      }
    }
    return out;
  }

private:
  bool halfFactors() const { return kind_ == kF16K16 || kind_ == kF16K8 || kind_ >= kF16K16Half; }
  bool halfAddend() const { return kind_ >= kF16K16Half; }
  static std::uint32_t floatBits(double x) { return std::bit_cast<std::uint32_t>(static_cast<float>(x)); }
  int pick(std::uint64_t n) { return static_cast<int>(g_.next() % n); }
  double scaledNormal(int exponent) { return std::ldexp(g_.normal(), exponent); }

  /// Truncating.
  static std::uint32_t halfBits(double x) {
    if (x != x)
      return 0x7e00;
    const std::uint32_t sign = std::signbit(x) ? 0x8000 : 0;
    x = std::fabs(x);
    if (x == 0)
      return sign;
    if (x >= 65520)
      return sign | (std::isinf(x) ? 0x7c00 : 0x7bff);
    const int e = std::ilogb(x);
    if (e < -14)
      return sign | static_cast<std::uint32_t>(std::ldexp(x, 24));
    return sign | static_cast<std::uint32_t>(e + 15) << 10 |
           (static_cast<std::uint32_t>(std::ldexp(x, 10 - e)) & 0x3ff);
  }

  std::uint32_t next(int warp, int role) {
    const int regime = warp % 8;
    const bool tf32 = kind_ == kTf32K8 || kind_ == kTf32K4;
    if (role == 2 && !halfAddend())
      return floatBits(addend(regime));
    const double low = role == 2 ? addend(regime) : factor(regime), high = role == 2 ? addend(regime) : factor(regime);
    if (role != 2 && tf32)
      return warp % 3 ? floatBits(low) & 0xffffe000u : floatBits(low);
    if (role == 2 || halfFactors())
      return halfBits(low) | halfBits(high) << 16;
    return floatBits(low) >> 16 | (floatBits(high) & 0xffff0000u);
  }

  double special(std::uint64_t range) {
    const int k = pick(range);
    if (k == 0)
      return std::numeric_limits<double>::infinity();
    if (k == 1)
      return -std::numeric_limits<double>::infinity();
    if (k == 2)
      return std::numeric_limits<double>::quiet_NaN();
    if (k < 12)
      return k < 8 ? -0.0 : 0.0;
    return g_.normal();
  }

  double spread() {
    const int exponent = pick(21) - 10;
    return std::ldexp(g_.uniform() * 2 - 1, exponent);
  }

  double factor(int regime) {
    const bool half = halfFactors();
    switch (regime) {
    case 0:
    case 2: return g_.normal();
    case 1: return spread();
    case 3: return g_.next() % 4 ? 0.0 : scaledNormal(half ? -6 : -20);
    case 4: {
      const double sign = g_.next() % 2 ? 1 : -1;
      const double size = 1 + static_cast<double>(g_.next() % 4) / (half ? 512 : 64);
      return sign * size * (g_.next() % 8 ? 1 : 1e-3);
    }
    case 5: return half ? scaledNormal(-16) : scaledNormal(g_.next() % 2 ? -126 : 60);
    case 6: return special(64);
    default: return half ? g_.normal() * 200 : scaledNormal(62);
    }
  }

  double addend(int regime) {
    switch (regime) {
    case 0: return g_.normal();
    case 1: return spread();
    case 2: return scaledNormal(halfAddend() ? 10 : 20);
    case 3: return halfAddend() ? scaledNormal(-10) : scaledNormal(-pick(100));
    case 4: return g_.next() % 2 ? 0.0 : g_.normal();
    case 5: return halfAddend() ? scaledNormal(-16) : scaledNormal(-pick(149));
    case 6: return special(16);
    default: return halfAddend() ? 60000 * g_.uniform() : scaledNormal(halfFactors() ? 125 : 126);
    }
  }

  int kind_;
  SplitMix g_;
};

} // namespace kverify::simt::testing
