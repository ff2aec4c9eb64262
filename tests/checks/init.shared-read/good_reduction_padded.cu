// kverify: expect=certified kernel=row_sum contract
// A tree reduction over n elements, filled up with zeros to a power of two.
__global__ void row_sum(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float s[64];
  const int t = threadIdx.x;
  s[t] = t < n ? x[blockIdx.x * n + t] : 0.0f;
  __syncthreads();
  for (int half = 32; half > 0; half /= 2) {
    if (t < half) s[t] += s[t + half];
    __syncthreads();
  }
  if (t == 0) y[blockIdx.x] = s[0];
}
