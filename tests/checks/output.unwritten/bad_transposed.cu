// kverify: expect=refuted kernel=transpose contract
// The guards of the write are those of the read: where the matrix is not square, parts of the last tiles are left out.
__global__ void transpose(const float* __restrict__ x, float* __restrict__ y, int rows, int cols) {  // expect: output.unwritten
  __shared__ float tile[16][17];
  const int c0 = blockIdx.x * 16, r0 = blockIdx.y * 16;
  for (int j = threadIdx.y; j < 16; j += 4)
    tile[j][threadIdx.x] = r0 + j < rows && c0 + threadIdx.x < cols ? x[(r0 + j) * cols + c0 + threadIdx.x] : 0.0f;
  __syncthreads();
  for (int j = threadIdx.y; j < 16; j += 4)
    if (r0 + j < rows && c0 + threadIdx.x < cols && c0 + j < cols && r0 + threadIdx.x < rows)
      y[(c0 + j) * rows + r0 + threadIdx.x] = tile[threadIdx.x][j];
}
