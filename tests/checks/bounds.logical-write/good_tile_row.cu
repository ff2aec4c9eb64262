// kverify: expect=certified kernel=fill_rows block=32 grid=1
// Each thread fills the row of a tile that it owns, then all sum columns.
__global__ void fill_rows(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[17][8];
  const int t = threadIdx.x;
  if (t < 8) tile[16][t] = 0.0f;
  __syncthreads();
  if (t < 16) {
    for (int c = 0; c < 8; ++c) {
      const float value = x[t * 8 + c];
      tile[t][c] = value;
    }
  }
  __syncthreads();
  if (t < 8) {
    float sum = 0.0f;
    for (int r = 0; r < 17; ++r) sum += tile[r][t];
    y[t] = sum;
  }
}
