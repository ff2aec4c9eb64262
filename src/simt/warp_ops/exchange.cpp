// ldmatrix, stmatrix, movmatrix: 8x8 tiles of 16-bit elements change hands (PTX ISA 8.x, section 9.7.14.5).
//
// In a tile held as a fragment, lane t has row t/4, columns 2(t%4) and 2(t%4)+1, the lower one in the low half.
#include <cstring>

#include "simt/warp_ops/operations.h"

namespace kverify::simt::warp_ops {
namespace {

using Tile = std::uint16_t[8][8];

std::uint32_t fragment(const Tile& tile, std::uint32_t lane, bool transpose) {
  const std::uint32_t row = lane / 4, column = 2 * (lane % 4);
  const std::uint32_t low = transpose ? tile[column][row] : tile[row][column];
  const std::uint32_t high = transpose ? tile[column + 1][row] : tile[row][column + 1];
  return low | high << 16;
}

void place(Tile& tile, std::uint32_t lane, std::uint32_t word, bool transpose) {
  const std::uint32_t row = lane / 4, column = 2 * (lane % 4);
  (transpose ? tile[column][row] : tile[row][column]) = static_cast<std::uint16_t>(word);
  (transpose ? tile[column + 1][row] : tile[row][column + 1]) = static_cast<std::uint16_t>(word >> 16);
}

// Lane 8i+r brings row r of tile i.
template <int Count, bool Transpose>
void loadMatrix(const void* const in[32], void* const out[32], std::uint32_t mask) {
  if (mask != kWholeWarp)
    return;
  for (int i = 0; i < Count; ++i) {
    Tile tile;
    for (int row = 0; row < 8; ++row)
      std::memcpy(tile[row], in[8 * i + row], 16);
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      const std::uint32_t word = fragment(tile, lane, Transpose);
      std::memcpy(static_cast<std::uint8_t*>(out[lane]) + 4 * i, &word, 4);
    }
  }
}

template <int Count, bool Transpose>
void storeMatrix(const void* const in[32], void* const out[32], std::uint32_t mask) {
  if (mask != kWholeWarp)
    return;
  for (int i = 0; i < Count; ++i) {
    Tile tile;
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      std::uint32_t word;
      std::memcpy(&word, static_cast<const std::uint8_t*>(in[lane]) + 4 * i, 4);
      place(tile, lane, word, Transpose);
    }
    for (int row = 0; row < 8; ++row)
      std::memcpy(out[8 * i + row], tile[row], 16);
  }
  for (int lane = 8 * Count; lane < 32; ++lane)
    std::memset(out[lane], 0, 16);
}

void moveMatrix(const void* const in[32], void* const out[32], std::uint32_t mask) {
  if (mask != kWholeWarp)
    return;
  Tile tile;
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    std::uint32_t word;
    std::memcpy(&word, in[lane], 4);
    place(tile, lane, word, false);
  }
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    const std::uint32_t word = fragment(tile, lane, true);
    std::memcpy(out[lane], &word, 4);
  }
}

} // namespace

void addExchanges(std::vector<Entry>& table) {
  table.insert(table.end(), {
                                {"ldmatrix.x1", 16, 4, loadMatrix<1, false>},
                                {"ldmatrix.x2", 16, 8, loadMatrix<2, false>},
                                {"ldmatrix.x4", 16, 16, loadMatrix<4, false>},
                                {"ldmatrix.x1.trans", 16, 4, loadMatrix<1, true>},
                                {"ldmatrix.x2.trans", 16, 8, loadMatrix<2, true>},
                                {"ldmatrix.x4.trans", 16, 16, loadMatrix<4, true>},
                                {"stmatrix.x1", 4, 16, storeMatrix<1, false>},
                                {"stmatrix.x2", 8, 16, storeMatrix<2, false>},
                                {"stmatrix.x4", 16, 16, storeMatrix<4, false>},
                                {"stmatrix.x1.trans", 4, 16, storeMatrix<1, true>},
                                {"stmatrix.x2.trans", 8, 16, storeMatrix<2, true>},
                                {"stmatrix.x4.trans", 16, 16, storeMatrix<4, true>},
                                {"movmatrix.trans", 4, 4, moveMatrix},
                            });
}

} // namespace kverify::simt::warp_ops
