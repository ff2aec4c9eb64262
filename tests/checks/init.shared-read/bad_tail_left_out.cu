// kverify: expect=refuted kernel=tile_sum block=128 grid=1
// Sums a tile of 128 elements; where the row ends earlier, the rest of the tile is whatever was there.
__global__ void tile_sum(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float tile[128];
  const int t = threadIdx.x;
  if (t < n) tile[t] = x[t];
  __syncthreads();
  if (t != 0) return;
  float sum = 0.0f;
  for (int j = 0; j < 128; ++j) {
    const float value = tile[j];  // expect: init.shared-read
    sum += value;
  }
  y[0] = sum;
}
