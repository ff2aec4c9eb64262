// Shuffles of any trivially copyable type, 32 bits at a time.
#pragma once
#pragma GCC system_header
#include "kverify/warp.h"

namespace kverify_detail {

enum class Move { Index, Up, Down, Xor };

template <Move move> KV_DEVICE unsigned moveWord(unsigned mask, unsigned word, unsigned lane, int width) {
  int segment = (32 - width) << 8;
  if (move == Move::Index) return __nvvm_shfl_sync_idx_i32(mask, (int)word, (int)lane, segment | 0x1f);
  if (move == Move::Up) return __nvvm_shfl_sync_up_i32(mask, (int)word, (int)lane, segment);
  if (move == Move::Down) return __nvvm_shfl_sync_down_i32(mask, (int)word, (int)lane, segment | 0x1f);
  return __nvvm_shfl_sync_bfly_i32(mask, (int)word, (int)lane, segment | 0x1f);
}

template <Move move, class T> KV_DEVICE T moveLane(unsigned mask, T value, unsigned lane, int width) {
  constexpr int words = (sizeof(T) + 3) / 4;
  unsigned bits[words] = {};
  __builtin_memcpy(bits, &value, sizeof(T));
#pragma unroll
  for (int i = 0; i < words; ++i) bits[i] = moveWord<move>(mask, bits[i], lane, width);
  __builtin_memcpy(&value, bits, sizeof(T));
  return value;
}

KV_DEVICE unsigned laneId() { return __nvvm_read_ptx_sreg_laneid(); }
KV_DEVICE unsigned lanesBelow() { return (1u << __nvvm_read_ptx_sreg_laneid()) - 1u; }

}  // namespace kverify_detail
