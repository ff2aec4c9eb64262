#pragma once
// What GPUVerify's own headers declare and the toolkit no longer does, in as much as its tests use it. Textures as
// global objects and functions without a body give values that nobody knows: loads of a variable that nobody writes.
#define KVERIFY_DEVICE __attribute__((device))

static KVERIFY_DEVICE volatile int kverify_anything;
static inline KVERIFY_DEVICE int kverifyAnything() {
  return kverify_anything;
}

enum cudaTextureReadMode { cudaReadModeElementType = 0, cudaReadModeNormalizedFloat = 1 };
template <class Element, int Dimension = 1, int Mode = 0> struct texture {
  int handle;
};
template <class Element, int Dimension, int Mode>
static inline KVERIFY_DEVICE Element tex1Dfetch(const texture<Element, Dimension, Mode>&, int) {
  return static_cast<Element>(kverifyAnything());
}
