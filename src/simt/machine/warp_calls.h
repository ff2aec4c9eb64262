#pragma once
// Host side of the warp operations that device code calls. Arguments follow the PTX instructions of the same name.
#include <cstdint>

#include "simt/runtime/abi.h"

extern "C" {
void kv_rt_syncwarp(kverify::simt::abi::ThreadContext*, std::uint32_t site, std::uint32_t mask);
/// mode: 0 up, 1 down, 2 bfly, 3 idx; control as PTX operand c.
std::uint32_t kv_rt_shfl(kverify::simt::abi::ThreadContext*, std::uint32_t site, std::uint32_t mode, std::uint32_t mask,
                         std::uint32_t value, std::uint32_t source, std::uint32_t control, std::uint8_t* in_range);
/// The same for a value with `cells` shadow cells.
std::uint32_t kv_rt_shfl_shadow(kverify::simt::abi::ThreadContext*, std::uint32_t site, std::uint32_t mode,
                                std::uint32_t mask, std::uint32_t value, std::uint32_t source, std::uint32_t control,
                                std::uint8_t* in_range, const void* from, void* to, std::uint32_t cells);
/// The first value of an uninitialised variable.
std::uint64_t kv_rt_undefined(kverify::simt::abi::ThreadContext*, std::uint32_t site);
/// mode: 0 all, 1 any, 2 uni, 3 ballot.
std::uint32_t kv_rt_vote(kverify::simt::abi::ThreadContext*, std::uint32_t site, std::uint32_t mode, std::uint32_t mask,
                         std::uint32_t predicate);
std::uint32_t kv_rt_match(kverify::simt::abi::ThreadContext*, std::uint32_t site, std::uint32_t all, std::uint32_t mask,
                          std::uint64_t value, std::uint32_t bits, std::uint8_t* predicate);
/// operation: 0 add, 1 umin, 2 umax, 3 smin, 4 smax, 5 and, 6 or, 7 xor.
std::uint32_t kv_rt_redux(kverify::simt::abi::ThreadContext*, std::uint32_t site, std::uint32_t operation,
                          std::uint32_t mask, std::uint32_t value);
std::uint32_t kv_rt_activemask(kverify::simt::abi::ThreadContext*, std::uint32_t site);
}
