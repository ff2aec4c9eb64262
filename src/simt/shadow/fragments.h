#pragma once
// Where the elements of a warp's matrices are, for every product of simt/warp_ops.
#include <cstdint>
#include <vector>

namespace kverify::simt::shadow {

/// An element in a lane's registers.
struct Slot {
  std::uint8_t lane = 0;
  std::uint16_t byte = 0;
};

struct ProductLayout {
  int m = 0, n = 0, k = 0;             ///< 0: not a product of floats
  std::uint32_t factor = 0;            ///< Format of A and B
  std::uint32_t addend = 0, result = 0;
  std::vector<Slot> a, b, c, d;        ///< row-major: m x k, k x n, m x n, m x n
};

/// Of operation `operation` of warp_ops::table().
const ProductLayout& layoutOf(std::uint32_t operation);

/// For an operation that only moves 16-bit elements (ldmatrix, stmatrix, movmatrix): where each half of lane l's
/// output h (index 32 l-major: l * halves + h) comes from. Empty for others.
struct ExchangeLayout {
  std::uint32_t out_halves = 0;
  std::vector<Slot> from;
};
const ExchangeLayout& exchangeOf(std::uint32_t operation);

} // namespace kverify::simt::shadow
