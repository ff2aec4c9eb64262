#pragma once
// Deterministic operands, the same here as in the program that ran on the GPU: only then do recorded hashes compare.
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace kverify::simt::testing {

struct SplitMix {
  std::uint64_t state;
  std::uint64_t next() {
    state += 0x9e3779b97f4a7c15ull;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  double uniform() { return static_cast<double>(next() >> 11) / static_cast<double>(1ull << 53); }
  double normal() {
    double sum = 0;
    for (int i = 0; i < 12; ++i)
      sum += uniform();
    return sum - 6;
  }
};

inline std::uint64_t fnv(std::uint64_t hash, std::uint64_t value) {
  return (hash ^ value) * 0x100000001b3ull;
}
inline constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325ull;

inline constexpr std::array<std::uint32_t, 36> kFloatEdges = {
    0,          0x80000000, 1,          0x80000001, 0x007fffff, 0x00800000, 0x3f800000, 0xbf800000, 0x7f7fffff,
    0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001, 0x3f000000, 0x40490fdb, 0x4f000000,
    0xcf000000, 0x4f800000, 0x5f000000, 0x42fe0000, 0x43000000, 0x477fe000, 0x477ff000, 0x477fefff, 0x33800000,
    0x33000000, 0x33000001, 0x7f7f8000, 0x7f7f7fff, 0x43e00000, 0x43e80000, 0x43e7ffff, 0x3fffe000, 0x3ffff000};
inline constexpr std::array<std::uint16_t, 25> kHalfEdges = {
    0,      0x8000, 1,      0x8001, 0x03ff, 0x0400, 0x3c00, 0xbc00, 0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7e00,
    0xfe01, 0x7c01, 0x7f80, 0xff80, 0x7f7f, 0x0080, 0x007f, 0x3f80, 0xbf80, 0x7fff, 0x5bf8, 0x7800};

inline std::uint64_t floatOperand(std::uint64_t a, std::uint64_t b) {
  auto x = static_cast<std::uint32_t>(a);
  switch (b % 8) {
  case 0: return kFloatEdges[(b >> 8) % 36];
  case 1:
  case 2: return (x & 0x807fffff) | static_cast<std::uint32_t>(120 + (b >> 8) % 16) << 23;
  case 3: return (x & 0x80700000) | static_cast<std::uint32_t>(100 + (b >> 8) % 50) << 23;
  case 4:
    return std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<std::int32_t>(a >> 40 & 0xffff)) / 256.0f - 128);
  case 5:
    return (x & 0x80ffe000) | static_cast<std::uint32_t>(110 + (b >> 8) % 24) << 23 | ((b >> 20 & 1) ? 0x1000 : 0);
  default: return x;
  }
}

inline std::uint64_t halfOperand(std::uint64_t a, std::uint64_t b, int which, int i) {
  auto x = static_cast<std::uint32_t>(a & 0xffff);
  if (which == 0)
    x = static_cast<std::uint32_t>(i * 8) + static_cast<std::uint32_t>(b & 7);
  if ((b >> 8 & 1) && which)
    x = (x & 0x83ff) | static_cast<std::uint32_t>(11 + (b >> 9) % 8) << 10;
  if ((b >> 32) % 16 == 0)
    x = kHalfEdges[(b >> 40) % 25];
  return x & 0xffff;
}

inline std::uint64_t wordOperand(std::uint64_t a, std::uint64_t b) {
  switch (b % 4) {
  case 0: {
    const auto low = (a & 0x83ff) | (11 + (b >> 9) % 8) << 10, high = (a >> 16 & 0x83ff) | (11 + (b >> 19) % 8) << 10;
    return low | high << 16;
  }
  case 1: return static_cast<std::uint32_t>(static_cast<std::int32_t>(a) >> ((b >> 8) % 32));
  case 2:
    if ((b >> 8) % 4 == 0)
      return kHalfEdges[(b >> 40) % 25] | static_cast<std::uint32_t>(kHalfEdges[(b >> 50) % 25]) << 16;
    [[fallthrough]];
  default: return static_cast<std::uint32_t>(a);
  }
}

inline std::uint64_t doubleOperand(std::uint64_t a, std::uint64_t b) {
  const int kind = b % 8;
  if (kind <= 1) {
    auto f = (static_cast<std::uint32_t>(a >> 32) & 0x807fffff) | static_cast<std::uint32_t>(100 + (b >> 8) % 60) << 23;
    if (kind == 0)
      f = kFloatEdges[(b >> 8) % 36];
    std::uint64_t x = std::bit_cast<std::uint64_t>(static_cast<double>(std::bit_cast<float>(f)));
    if (kind == 1 && (b >> 20 & 3) == 0)
      x += (b >> 24 & 1) ? 1 : ~0ull;
    return x;
  }
  if (kind < 5)
    return (a & 0x800fffffffffffffull) | (1023 - 30 + (b >> 8) % 96) << 52;
  if (kind == 5)
    return (a & 0x800fff0000000000ull) | (1023 - 20 + (b >> 8) % 40) << 52;
  return a;
}

/// 8192 operands of a class (h r l f d), as the which-th operand of an instruction.
inline std::vector<std::uint64_t> operands(char code, int which) {
  std::vector<std::uint64_t> out(8192);
  SplitMix random{static_cast<std::uint64_t>(code) * 1000 + static_cast<std::uint64_t>(which)};
  for (int i = 0; i < 8192; ++i) {
    const std::uint64_t a = random.next(), b = random.next();
    std::uint64_t& x = out[static_cast<std::size_t>(i)];
    switch (code) {
    case 'f': x = floatOperand(a, b); break;
    case 'h': x = halfOperand(a, b, which, i); break;
    case 'r': x = wordOperand(a, b); break;
    case 'l': x = (b & 1) ? a : static_cast<std::uint64_t>(static_cast<std::int64_t>(a) >> ((b >> 8) % 64)); break;
    default: x = doubleOperand(a, b); break;
    }
  }
  return out;
}

/// A NaN's bits are not compared.
inline std::uint64_t comparable(char code, std::uint64_t bits) {
  if (code == 'f' && (bits & 0x7fffffff) > 0x7f800000)
    return 0x7fffffff;
  if (code == 'd' && (bits & ~(1ull << 63)) > 0x7ff0000000000000ull)
    return ~0ull >> 1;
  return bits;
}

} // namespace kverify::simt::testing
