// kverify: expect=refuted kernel=transpose block=32,4 grid=1
// A 32 x 32 transpose; the index counts an extra column that the array does not have.
__global__ void transpose(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[32 * 32];
  const int col = threadIdx.x;
  for (int row = threadIdx.y; row < 32; row += 4)
    tile[row * 33 + col] = x[row * 32 + col];  // expect: bounds.shared-write
  __syncthreads();
  for (int row = threadIdx.y; row < 32; row += 4)
    y[row * 32 + col] = row * 33 + col < 32 * 32 ? tile[row * 33 + col] : 0.0f;
}
