// kverify: expect=refuted kernel=tile_sums block=32 grid=1
// Each of 8 rows of a tile is summed with the first element of the next: inside the array, past the row.
__global__ void tile_sums(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[9][16];
  const int t = threadIdx.x;
  for (int i = t; i < 9 * 16; i += 32) tile[i / 16][i % 16] = x[i];
  __syncthreads();
  if (t >= 8) return;
  float sum = 0.0f;
  for (int c = 0; c <= 16; ++c) {
    const float value = tile[t][c];  // expect: bounds.logical-read
    sum += value;
  }
  y[t] = sum;
}
