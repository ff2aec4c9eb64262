// kverify: expect=inconclusive stages=static
__global__ void fill(float* y) { y[blockIdx.x * blockDim.x + threadIdx.x] = 0.0f; }

void run(float* y) {
  constexpr int side = 32;
  fill<<<4, dim3(side, side)>>>(y);
  int threads = 512;
  fill<<<4, threads * 2>>>(y);
}
