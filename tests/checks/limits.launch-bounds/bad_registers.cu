// kverify: expect=inconclusive stages=static
// 2048 threads at once leave 32 registers each; and 33 blocks are more than there can be.
__global__ void __launch_bounds__(1024, 2) tile(const float* x, float* y) {   // expect: limits.launch-bounds
  float sum[64];
  for (int i = 0; i < 64; ++i) sum[i] = x[threadIdx.x * 64 + i];
  float all = 0.0f;
  for (int i = 0; i < 64; ++i) all += sum[i];
  y[threadIdx.x] = all;
}
__global__ void __launch_bounds__(32, 40) small(float* y) {   // expect: limits.launch-bounds
  y[threadIdx.x] = 0.0f;
}
__global__ void __launch_bounds__(256, 6) shared(float* y) {   // expect: limits.launch-bounds
  __shared__ float tile[32 * 256];
  tile[threadIdx.x] = y[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = tile[255 - threadIdx.x];
}
