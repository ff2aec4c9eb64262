// kverify: expect=inconclusive stages=static
__global__ void fill(float* y) { y[blockIdx.x * blockDim.x + threadIdx.x] = 0.0f; }

void run(float* y, int n) {
  int threads = 64;
  if (n > 1000) threads *= 64;
  fill<<<4, threads>>>(y);
}
