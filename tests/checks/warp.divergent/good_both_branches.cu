// kverify: expect=certified kernel=halves block=32 grid=1
// Both branches call the same operation with the same mask: since sm_70 lanes need not be at the same place.
__global__ void halves(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  float v = x[t];
  if (t < 16)
    v += __shfl_xor_sync(0xffffffffu, v, 16);
  else
    v -= __shfl_xor_sync(0xffffffffu, v, 16);
  y[t] = v;
}
