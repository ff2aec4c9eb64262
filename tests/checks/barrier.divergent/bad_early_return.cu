// kverify: expect=refuted kernel=row_sum block=128 grid=1
// The threads past the end of the row leave before the barriers.
__global__ void row_sum(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float s[128];
  const int t = threadIdx.x;
  if (t >= n) return;
  s[t] = x[t];
  __syncthreads();  // expect: barrier.divergent
  if (t == 0) {
    float sum = 0.0f;
    for (int i = 0; i < n; ++i) sum += s[i];
    y[0] = sum;
  }
}
