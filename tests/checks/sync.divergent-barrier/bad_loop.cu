// kverify: expect=inconclusive stages=static
__global__ void sums(const float* x, float* y, int n) {
  __shared__ float s[128];
  float sum = 0.0f;
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    s[threadIdx.x] = x[i];
    __syncthreads();  // expect: sync.divergent-barrier
    sum += s[127 - threadIdx.x];
    __syncthreads();  // expect: sync.divergent-barrier
  }
  y[threadIdx.x] = sum;
}
