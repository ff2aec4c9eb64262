#pragma once
// What inlined shadow code calls.
#include "simt/shadow/cell.h"

extern "C" {
void kv_host_shadow(kverify::simt::shadow::State* state, std::uint32_t op, kverify::simt::shadow::Cell* out,
                    const kverify::simt::shadow::Cell in[3], const double* concrete, std::uint32_t site);
void kv_host_shadow_from(kverify::simt::shadow::State* state, kverify::simt::shadow::Cell* out, double concrete,
                         std::uint32_t constant, std::uint32_t site);
void kv_host_shadow_copy(kverify::simt::shadow::State* state, std::uint64_t to, std::uint64_t from,
                         std::uint64_t bytes);
void kv_host_shadow_clear(kverify::simt::shadow::State* state, std::uint64_t address, std::uint64_t bytes);
}
