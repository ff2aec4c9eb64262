// kverify: expect=refuted kernel=transposed_sum block=32,8 grid=1
// Rows of 33 against bank conflicts, of which 32 are filled; the loop goes over all that a row has.
__global__ void transposed_sum(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[32][33];
  const int c = threadIdx.x;
  for (int r = threadIdx.y; r < 32; r += 8) tile[r][c] = x[r * 32 + c];
  __syncthreads();
  if (threadIdx.y != 0) return;
  float sum = 0.0f;
  for (int j = 0; j < 33; ++j) {
    const float value = tile[c][j];  // expect: init.shared-read
    sum += value;
  }
  y[c] = sum;
}
