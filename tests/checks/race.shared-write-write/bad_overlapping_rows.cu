// kverify: expect=refuted kernel=row_softmax block=32 grid=1
// Rows of 33 elements written at a stride of 32: the last of one row meets the first of the next.
__global__ void row_softmax(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[32 * 32 + 1];
  const int row = threadIdx.x;
  for (int j = 0; j < 33; ++j) {
    const float value = expf(x[row * 33 + j]);
    tile[row * 32 + j] = value;  // expect: race.shared-write-write
  }
  __syncthreads();
  float sum = 0.0f;
  for (int j = 0; j < 32; ++j) sum += tile[row * 32 + j];
  y[row] = 1.0f / sum;
}
