// kverify: expect=certified kernel=tile_sum block=128 grid=1
// Sums a tile of 128 elements; where the row ends earlier, the rest of the tile is zero.
__global__ void tile_sum(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float tile[128];
  const int t = threadIdx.x;
  tile[t] = t < n ? x[t] : 0.0f;
  __syncthreads();
  if (t != 0) return;
  float sum = 0.0f;
  for (int j = 0; j < 128; ++j) {
    const float value = tile[j];
    sum += value;
  }
  y[0] = sum;
}
