// kverify: expect=refuted stages=static
__global__ void fill(float* y) { y[blockIdx.x * blockDim.x + threadIdx.x] = 0.0f; }

void run(float* y) {
  dim3 grid(1, 100000);
  fill<<<grid, 256>>>(y);  // expect: limits.grid
  fill<<<0, 256>>>(y);     // expect: limits.grid
}
