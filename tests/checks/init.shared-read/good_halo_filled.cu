// kverify: expect=certified kernel=blur contract
// Each block smooths 64 elements; the tile has one more at each end, filled by the first and the last thread.
__global__ void blur(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float tile[66];
  const int t = threadIdx.x, i = blockIdx.x * 64 + t;
  tile[t + 1] = i < n ? x[i] : 0.0f;
  if (t == 63) tile[65] = i + 1 < n ? x[i + 1] : 0.0f;
  if (t == 0) tile[0] = i > 0 ? x[i - 1] : 0.0f;
  __syncthreads();
  if (i < n) {
    const float left = tile[t];
    y[i] = 0.25f * left + 0.5f * tile[t + 1] + 0.25f * tile[t + 2];
  }
}
