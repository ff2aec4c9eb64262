// Loads and stores with cache hints. A hint changes no value, so each is the plain access, checked as such.
#pragma once
#pragma GCC system_header
#include "kverify/qualifiers.h"

namespace kverify_detail {
template <class T> struct Identity { typedef T type; };  // keeps a parameter out of deduction
}
#define KV_LOAD(name) \
  template <class T> KV_DEVICE T name(const T* address) { return *address; }
#define KV_STORE(name) \
  template <class T> KV_DEVICE void name(T* address, typename kverify_detail::Identity<T>::type value) { \
    *address = value;                                                                                    \
  }
KV_LOAD(__ldg) KV_LOAD(__ldca) KV_LOAD(__ldcg) KV_LOAD(__ldcs) KV_LOAD(__ldlu) KV_LOAD(__ldcv)
KV_STORE(__stwb) KV_STORE(__stcg) KV_STORE(__stcs) KV_STORE(__stwt)
#undef KV_LOAD
#undef KV_STORE
