// kverify: expect=inconclusive stages=static
// Not volatile, and no __syncwarp: the lanes below 32 read what others of them wrote.
__global__ void last(const float* x, float* y) {
  __shared__ float s[64];
  int t = threadIdx.x;
  s[t] = x[t];
  __syncthreads();
  if (t < 32) {
    s[t] += s[t + 32];                                         // expect: sync.missing-barrier
    s[t] += s[t + 16];                                         // expect: sync.missing-barrier
  }
  y[t] = x[t];
}
