// kverify: expect=inconclusive stages=static
// The mask is computed: whether it names those that come is not looked into.
__global__ void sum(const float* x, float* y, int n) {
  const unsigned mask = __ballot_sync(0xffffffffu, threadIdx.x < n);
  if (threadIdx.x < n) {
    float v = x[threadIdx.x];
    v += __shfl_xor_sync(mask, v, 1);
    y[threadIdx.x] = v;
  }
}
