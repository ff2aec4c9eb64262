// kverify: expect=inconclusive stages=static
// Two stages in turn: that it is never the same one is not looked into.
__global__ void sums(const float* k, float* o, int steps) {
  __shared__ float tile[2][64];
  float sum = 0.0f;
  for (int step = 0; step < steps; ++step) {
    tile[step % 2][threadIdx.x] = k[step * 64 + threadIdx.x];
    __syncthreads();
    for (int j = 0; j < 64; ++j) sum += tile[step % 2][j];
  }
  o[threadIdx.x] = sum;
}
