// kverify: expect=inconclusive stages=static
__global__ void fill(float* y) { y[blockIdx.x * blockDim.x + threadIdx.x] = 0.0f; }

void run(float* y, int rows) {
  fill<<<dim3(1, rows), 256>>>(y);
}
