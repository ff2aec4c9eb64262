#pragma once
// Our own generator, so that a seed means the same numbers with every standard library.
#include <bit>
#include <cstdint>
#include <string_view>

#include "core/split_mix.h"

namespace kverify::generate {

inline std::uint64_t mix(std::uint64_t x) { return splitMix(x); }

/// A seed that depends on another one and on a name: FNV-1a, then mixed.
inline std::uint64_t mix(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return mix(seed ^ mix(hash));
}

/// xoshiro256** (Blackman and Vigna 2018).
class Random {
public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_)
      word = seed = mix(seed);
  }

  std::uint64_t bits() {
    std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// In [0, count); count > 0. The bias of the modulo is below 2^-32 for every count in use.
  std::uint64_t below(std::uint64_t count) { return bits() % count; }

  /// In [low, high], inclusive.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    std::uint64_t step = width == UINT64_MAX ? bits() : below(width + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
  }

  /// In [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  /// Mean 0, variance 1, within +-4.9: the sum of eight uniform numbers (Irwin-Hall). Made from integer sums and one
  /// product, it does not depend on the machine's log and cos.
  double normal() {
    std::uint64_t sum = 0;
    for (int i = 0; i < 4; ++i) {
      std::uint64_t word = bits();
      sum += (word >> 32) + (word & 0xffffffffu);
    }
    constexpr std::int64_t kMean = std::int64_t{4} * 0xffffffff;
    constexpr double kScale = 0x1p-32 * 1.2247448713915890; // sqrt(12 / 8)
    return static_cast<double>(static_cast<std::int64_t>(sum) - kMean) * kScale;
  }

private:
  std::uint64_t state_[4];
};

} // namespace kverify::generate
