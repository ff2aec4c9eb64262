#pragma once
// The functions that lower/shadow*.cpp calls, over one domain. Each domain's file includes this, then says
//   First, Second   the two parts of a value, as they stand in registers
//   struct Domain   pack and unpack (to a cell and back), from, apply, compare
// and includes entry_points.h. Clang emits them as bitcode at build time; they are inlined into kernels.
//
// `origin` is where the cell of address 0 would be, `granule` the base-2 logarithm of a granule's bytes.
#include <cstdint>

#include "simt/shadow/cell.h"

using namespace kverify::simt::shadow;

#define KV_SHADOW extern "C" [[gnu::always_inline]] inline __attribute__((used))
/// Of a lambda: what it captures must not end in memory.
#define KV_INLINED __attribute__((always_inline))
// Out of line and rare: the callee saves every register, so that the path beside the call keeps its own.
#define KV_RARE [[gnu::noinline, gnu::cold]] __attribute__((preserve_all))

extern "C" void kv_host_shadow(State* state, std::uint32_t op, Cell* out, const Cell* in, const double* concrete,
                               std::uint32_t site);
extern "C" void kv_host_shadow_from(State* state, Cell* out, double concrete, std::uint32_t constant,
                                    std::uint32_t site);

namespace {

[[gnu::always_inline, maybe_unused]] inline Cell* cellOf(std::uint64_t origin, std::uint64_t address,
                                                         std::uint32_t granule) {
  return reinterpret_cast<Cell*>(origin + (address >> granule << 5));
}

} // namespace
