// kverify: expect=inconclusive stages=static
__global__ void reverse(const float* x, float* y, int n) {
  __shared__ float s[128];
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  s[threadIdx.x] = x[i];
  __syncthreads();  // expect: sync.divergent-barrier
  y[i] = s[blockDim.x - 1 - threadIdx.x];
}
