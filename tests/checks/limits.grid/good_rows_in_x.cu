// kverify: expect=inconclusive stages=static
__global__ void fill(float* y) { y[blockIdx.x * blockDim.x + threadIdx.x] = 0.0f; }

void run(float* y) {
  fill<<<dim3(100000, 2), 256>>>(y);
}
