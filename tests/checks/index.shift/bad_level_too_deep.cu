// kverify: expect=refuted contract stages=fuzz,formal
// Levels of a tree of powers of two: from level 32 on the shift is undefined. Tests see the access past the array, from
// level 10 on.
__global__ void firstOfLevel(const float* __restrict__ tree, float* __restrict__ y, int level) {
  y[threadIdx.x] = tree[1 << level];  // expect: bounds.global-read, index.shift
}
