// kverify: expect=refuted stages=static
__global__ void fill(float* y) { y[blockIdx.x * blockDim.x + threadIdx.x] = 0.0f; }

void run(float* y) {
  fill<<<4, 2048>>>(y);  // expect: limits.block
  const int side = 64;
  dim3 block(side, side);
  fill<<<4, block>>>(y);  // expect: limits.block
}
