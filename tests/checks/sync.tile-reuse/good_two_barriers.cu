// kverify: expect=inconclusive stages=static
__global__ void sums(const float* q, const float* k, float* o, int n) {
  __shared__ float tile[64];
  float sum = 0.0f;
  for (int first = 0; first < n; first += 64) {
    tile[threadIdx.x] = k[first + threadIdx.x];
    __syncthreads();
    for (int j = 0; j < 64; ++j) sum += q[threadIdx.x] * tile[j];
    __syncthreads();
  }
  o[threadIdx.x] = sum;
}
