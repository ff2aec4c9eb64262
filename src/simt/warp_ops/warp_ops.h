#pragma once
// Operations that a whole warp does at once on registers: matrix products, matrix loads' exchanges, transposes.
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kverify::simt::warp_ops {

/// in[l] and out[l] belong to lane l; both are null where the lane is not in `mask`. Every operation here is PTX's
/// .aligned kind: `mask` is all ones, else nothing is written.
using WarpOp = void (*)(const void* const in[32], void* const out[32], std::uint32_t mask);

struct Entry {
  std::string_view name;             ///< as in PTX without .sync.aligned: "mma.m16n8k16.row.col.f32.f16.f16.f32"
  std::uint32_t in_bytes, out_bytes; ///< of one lane; multiples of 4
  WarpOp run;
};

/// The table; an operation's number is its index. Numbers are not stable between builds.
std::span<const Entry> table();
std::optional<std::uint32_t> find(std::string_view name);

} // namespace kverify::simt::warp_ops
