// kverify: expect=inconclusive stages=static
__global__ void product(const float* a, const float* b, float* c, int n) {
  __shared__ float as[16][16], bs[16][16];
  const int tx = threadIdx.x, ty = threadIdx.y;
  float sum = 0.0f;
  for (int first = 0; first < n; first += 16) {
    as[ty][tx] = a[ty * n + first + tx];
    bs[ty][tx] = b[(first + ty) * n + tx];
    for (int k = 0; k < 16; ++k)
      sum += as[ty][k] * bs[k][tx];  // expect: sync.missing-barrier
    __syncthreads();
  }
  c[ty * n + tx] = sum;
}
