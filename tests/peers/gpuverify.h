#pragma once
// What GPUVerify's own headers declare and the toolkit no longer does, in as much as its tests use it. Textures as
// global objects and functions without a body give values that nobody knows: loads of a variable that nobody writes.
#include <kverify/annotations.h>
#define KVERIFY_DEVICE __attribute__((device))
#ifndef NULL
#define NULL nullptr
#endif
typedef unsigned int uint;

// GPUVerify's words for what ours say. The adapter has sorted out the rest: preconditions of device functions, which are
// proved where they are called, and what talks of other threads or of sets of accesses.
#define __requires(...) kv_requires(__VA_ARGS__)
#define __global_requires(...) kv_requires(__VA_ARGS__)
#define __assume(...) kv_requires(__VA_ARGS__)
#define __callee_requires(...) kv_assert(__VA_ARGS__)
#define __assert(...) kv_assert(__VA_ARGS__)
#define __global_assert(...) kv_assert(__VA_ARGS__)
#define __invariant(...) kv_invariant(__VA_ARGS__)
#define __loop_invariant(...) kv_invariant(__VA_ARGS__)
#define __global_invariant(...) kv_invariant(__VA_ARGS__)
#define __implies(a, b) (!(a) || (b))
#define __enabled() true
#define __all(...) (__VA_ARGS__)
#define __mod_pow2(a, b) ((a) % (b))
// Pointers in structs are arrays of their own here anyway.
#define __requires_fresh_array(...) static_cast<void>(0)
#define __left_out static_cast<void>(0)

static KVERIFY_DEVICE volatile int kverify_anything;
static inline KVERIFY_DEVICE int kverifyAnything() {
  return kverify_anything;
}

template <class Element, int Dimension = 1, int Mode = 0> struct texture {
  int handle;
};
template <class Element, int Dimension, int Mode>
static inline KVERIFY_DEVICE Element tex1Dfetch(const texture<Element, Dimension, Mode>&, int) {
  return static_cast<Element>(kverifyAnything());
}
