// kverify: expect=refuted kernel=one_row block=32 grid=1
// The row of one thread runs over into the next, which nobody else writes.
__global__ void one_row(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[2][8];
  if (threadIdx.x == 0) {
    for (int c = 0; c <= 8; ++c) {
      const float value = x[c];
      tile[0][c] = value;  // expect: bounds.logical-write
    }
  }
  __syncthreads();
  if (threadIdx.x < 8) y[threadIdx.x] = tile[0][threadIdx.x];
}
