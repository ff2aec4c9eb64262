// Shuffles, votes, matches and reductions of a warp.
#pragma once
#pragma GCC system_header
#include "kverify/qualifiers.h"
#include "kverify/builtin_vars.h"

// The last operand packs the segment mask (bits 8-12) and the clamp (bits 0-4), as PTX's shfl.sync takes it. The clamp
// of "up" is 0: it applies to lanes at or above its value.
#define KV_SHUFFLE_32(name, op, Lane, clamp, T)                                                                       \
  KV_DEVICE T name(unsigned mask, T value, Lane lane, int width = 32) {                                               \
    return (T)__nvvm_shfl_sync_##op##_i32(mask, (int)value, lane, ((32 - width) << 8) | clamp);                       \
  }
#define KV_SHUFFLE_64(name, op, Lane, clamp, T)                                                                       \
  KV_DEVICE T name(unsigned mask, T value, Lane lane, int width = 32) {                                               \
    unsigned long long bits = __builtin_bit_cast(unsigned long long, value);                                          \
    int segment = ((32 - width) << 8) | clamp;                                                                        \
    unsigned low = __nvvm_shfl_sync_##op##_i32(mask, (int)bits, lane, segment);                                       \
    unsigned high = __nvvm_shfl_sync_##op##_i32(mask, (int)(bits >> 32), lane, segment);                              \
    return __builtin_bit_cast(T, (unsigned long long)high << 32 | low);                                               \
  }
#define KV_SHUFFLE(name, op, Lane, clamp)                                                                             \
  KV_DEVICE float name(unsigned mask, float value, Lane lane, int width = 32) {                                       \
    return __nvvm_shfl_sync_##op##_f32(mask, value, lane, ((32 - width) << 8) | clamp);                               \
  }                                                                                                                   \
  KV_SHUFFLE_32(name, op, Lane, clamp, int) KV_SHUFFLE_32(name, op, Lane, clamp, unsigned)                            \
  KV_SHUFFLE_64(name, op, Lane, clamp, long) KV_SHUFFLE_64(name, op, Lane, clamp, unsigned long)                      \
  KV_SHUFFLE_64(name, op, Lane, clamp, long long) KV_SHUFFLE_64(name, op, Lane, clamp, unsigned long long)            \
  KV_SHUFFLE_64(name, op, Lane, clamp, double)
KV_SHUFFLE(__shfl_sync, idx, int, 0x1f)
KV_SHUFFLE(__shfl_up_sync, up, unsigned, 0)
KV_SHUFFLE(__shfl_down_sync, down, unsigned, 0x1f)
KV_SHUFFLE(__shfl_xor_sync, bfly, int, 0x1f)
#undef KV_SHUFFLE
#undef KV_SHUFFLE_32
#undef KV_SHUFFLE_64

KV_DEVICE int __all_sync(unsigned mask, int predicate) { return __nvvm_vote_all_sync(mask, predicate); }
KV_DEVICE int __any_sync(unsigned mask, int predicate) { return __nvvm_vote_any_sync(mask, predicate); }
KV_DEVICE int __uni_sync(unsigned mask, int predicate) { return __nvvm_vote_uni_sync(mask, predicate); }
KV_DEVICE unsigned __ballot_sync(unsigned mask, int predicate) { return __nvvm_vote_ballot_sync(mask, predicate); }
KV_DEVICE unsigned __activemask() { return __nvvm_activemask(); }
KV_DEVICE unsigned __fns(unsigned mask, unsigned base, int offset) { return __nvvm_fns(mask, base, offset); }

#define KV_MATCH_32(T)                                                                                                \
  KV_DEVICE unsigned __match_any_sync(unsigned mask, T value) {                                                       \
    return __nvvm_match_any_sync_i32(mask, __builtin_bit_cast(unsigned, value));                                      \
  }                                                                                                                   \
  KV_DEVICE unsigned __match_all_sync(unsigned mask, T value, int* predicate) {                                       \
    return __nvvm_match_all_sync_i32p(mask, __builtin_bit_cast(unsigned, value), predicate);                          \
  }
#define KV_MATCH_64(T)                                                                                                \
  KV_DEVICE unsigned __match_any_sync(unsigned mask, T value) {                                                       \
    return __nvvm_match_any_sync_i64(mask, __builtin_bit_cast(unsigned long long, value));                            \
  }                                                                                                                   \
  KV_DEVICE unsigned __match_all_sync(unsigned mask, T value, int* predicate) {                                       \
    return __nvvm_match_all_sync_i64p(mask, __builtin_bit_cast(unsigned long long, value), predicate);                \
  }
KV_MATCH_32(unsigned) KV_MATCH_32(int) KV_MATCH_32(float)
KV_MATCH_64(unsigned long) KV_MATCH_64(long) KV_MATCH_64(unsigned long long) KV_MATCH_64(long long) KV_MATCH_64(double)
#undef KV_MATCH_32
#undef KV_MATCH_64

#define KV_REDUCE(name, T, op) \
  KV_DEVICE T name(unsigned mask, T value) { return __nvvm_redux_sync_##op(value, mask); }
KV_REDUCE(__reduce_add_sync, unsigned, add) KV_REDUCE(__reduce_add_sync, int, add)
KV_REDUCE(__reduce_min_sync, unsigned, umin) KV_REDUCE(__reduce_min_sync, int, min)
KV_REDUCE(__reduce_max_sync, unsigned, umax) KV_REDUCE(__reduce_max_sync, int, max)
KV_REDUCE(__reduce_and_sync, unsigned, and) KV_REDUCE(__reduce_or_sync, unsigned, or)
KV_REDUCE(__reduce_xor_sync, unsigned, xor)
#undef KV_REDUCE

#ifdef KVERIFY_LINT
#include "kverify/legacy_warp.h"
#endif
