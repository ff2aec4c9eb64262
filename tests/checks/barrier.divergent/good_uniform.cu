// kverify: expect=certified kernel=row_sum block=128 grid=1
// The threads past the end of the row take part in every barrier.
__global__ void row_sum(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float s[128];
  const int t = threadIdx.x;
  s[t] = t < n ? x[t] : 0.0f;
  __syncthreads();
  for (int half = 64; half > 0; half /= 2) {
    if (t < half) s[t] += s[t + half];
    __syncthreads();
  }
  if (t == 0) y[0] = s[0];
}
