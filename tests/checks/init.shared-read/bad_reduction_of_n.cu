// kverify: expect=refuted kernel=row_sum contract
// A tree reduction over a power of two, of which only n elements are filled.
__global__ void row_sum(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float s[64];
  const int t = threadIdx.x;
  if (t < n) s[t] = x[blockIdx.x * n + t];
  __syncthreads();
  for (int half = 32; half > 0; half /= 2) {
    if (t < half) {
      const float other = s[t + half];  // expect: init.shared-read
      s[t] += other;                    // expect: init.shared-read
    }
    __syncthreads();
  }
  if (t == 0) y[blockIdx.x] = s[0];
}
