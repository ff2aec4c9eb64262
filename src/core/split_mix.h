#pragma once
// The one mixer of seeds and places: what it gives is the same everywhere.
#include <cstdint>

namespace kverify {

/// One step of SplitMix64 (Steele, Lea and Flood 2014): spreads a seed over all 64 bits.
constexpr std::uint64_t splitMix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

} // namespace kverify
