// kverify: expect=refuted stages=static
__global__ void __launch_bounds__(256) fill(float* y) { y[blockIdx.x * blockDim.x + threadIdx.x] = 0.0f; }

void run(float* y) {
  fill<<<4, 512>>>(y);  // expect: limits.block
}
