#pragma once
// Fragment layouts of mma.sync m16n8kK (PTX ISA 8.x, section 9.7.14.4): which lane holds which element.
//
// With g = lane / 4, t = lane % 4, and E elements in a 32-bit register:
//   A (16 x K, row): register r holds row g + 8(r%2), columns 4E(r/2) + E·t … +E-1
//   B (K x 8, col):  register r holds rows 4E·r + E·t … +E-1 of column g
//   C, D (16 x 8): registers 2r, 2r+1 (one register of two halves for f16) hold row g + 8r, columns 2t, 2t+1
#include <cstdint>
#include <cstring>

namespace kverify::simt::warp_ops {

inline std::uint32_t wordOf(const void* fragment, int index) {
  std::uint32_t word;
  std::memcpy(&word, static_cast<const std::uint8_t*>(fragment) + 4 * index, 4);
  return word;
}

inline void setWord(void* fragment, int index, std::uint32_t word) {
  std::memcpy(static_cast<std::uint8_t*>(fragment) + 4 * index, &word, 4);
}

/// Calls put(row, column, bits) for the elements of A; K a multiple of 4E, registers from `first` on.
template <int K, int E, class Put>
inline void forEachA(const void* const in[32], int first, Put put) {
  constexpr int kRegisters = 2 * K / (4 * E);
  constexpr int kBits = 32 / E;
  constexpr std::uint32_t kMask = kBits == 32 ? ~0u : (1u << (kBits % 32)) - 1;
  for (int lane = 0; lane < 32; ++lane) {
    for (int r = 0; r < kRegisters; ++r) {
      const std::uint32_t word = wordOf(in[lane], first + r);
      for (int i = 0; i < E; ++i) {
        put(lane / 4 + 8 * (r % 2), 4 * E * (r / 2) + E * (lane % 4) + i, word >> (kBits * i % 32) & kMask);
      }
    }
  }
}

/// Calls put(k, column, bits) for the elements of B.
template <int K, int E, class Put>
inline void forEachB(const void* const in[32], int first, Put put) {
  constexpr int kRegisters = K / (4 * E);
  constexpr int kBits = 32 / E;
  constexpr std::uint32_t kMask = kBits == 32 ? ~0u : (1u << (kBits % 32)) - 1;
  for (int lane = 0; lane < 32; ++lane) {
    for (int r = 0; r < kRegisters; ++r) {
      const std::uint32_t word = wordOf(in[lane], first + r);
      for (int i = 0; i < E; ++i)
        put(4 * E * r + E * (lane % 4) + i, lane / 4, word >> (kBits * i % 32) & kMask);
    }
  }
}

} // namespace kverify::simt::warp_ops
