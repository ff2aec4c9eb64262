#pragma once
// The parts that the table of warp operations is put together from.
#include <vector>

#include "simt/warp_ops/warp_ops.h"

namespace kverify::simt::warp_ops {

inline constexpr std::uint32_t kWholeWarp = ~0u;

void addExchanges(std::vector<Entry>& table);
void addFloatProducts(std::vector<Entry>& table);
void addIntegerProducts(std::vector<Entry>& table);
void addWmma(std::vector<Entry>& table);

} // namespace kverify::simt::warp_ops
