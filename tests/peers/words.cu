// What gpuverify.h declares, used once, so that it is known to go with our CUDA headers (peers/gpuverify_words).
__device__ texture<float, 1, cudaReadModeElementType> table;

__global__ void kernel(float* a, unsigned n) {
  __requires(n <= blockDim.x);
  __assume(__implies(n > 1, n > 0));
  uint t = threadIdx.x;
  for (uint i = t; __invariant(i >= t), i < n; i += blockDim.x) {
    __assert(i < blockDim.x);
    a[i] = tex1Dfetch(table, (int)i) + kverifyAnything() + __mod_pow2(7, 4);
  }
}
