// kverify: expect=certified kernel=transpose block=32,4 grid=1
// A 32 x 32 transpose; the extra column keeps the banks apart.
__global__ void transpose(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[32 * 33];
  const int col = threadIdx.x;
  for (int row = threadIdx.y; row < 32; row += 4) tile[row * 33 + col] = x[row * 32 + col];
  __syncthreads();
  for (int row = threadIdx.y; row < 32; row += 4) y[row * 32 + col] = tile[col * 33 + row];
}
