// Warp operations without a mask, which sm_70 and later do not have. Only where the source is read and not compiled for
// use (KVERIFY_LINT): there the static stage says what is wrong with them, in place of clang's "undeclared identifier".
#pragma once
#pragma GCC system_header
#include "kverify/qualifiers.h"

#define KV_LEGACY_SHUFFLE(name, Lane)                                                                                 \
  template <class T> KV_DEVICE T name(T value, Lane lane, int width = 32) {                                           \
    return name##_sync(0xffffffffu, value, lane, width);                                                              \
  }
KV_LEGACY_SHUFFLE(__shfl, int)
KV_LEGACY_SHUFFLE(__shfl_up, unsigned)
KV_LEGACY_SHUFFLE(__shfl_down, unsigned)
KV_LEGACY_SHUFFLE(__shfl_xor, int)
#undef KV_LEGACY_SHUFFLE
KV_DEVICE int __any(int predicate) { return __any_sync(0xffffffffu, predicate); }
KV_DEVICE int __all(int predicate) { return __all_sync(0xffffffffu, predicate); }
KV_DEVICE unsigned __ballot(int predicate) { return __ballot_sync(0xffffffffu, predicate); }
