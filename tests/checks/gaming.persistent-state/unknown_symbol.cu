// kverify: expect=inconclusive stages=static
// The host copies to it: weights set once, or an answer?
__device__ float weights[32];
__global__ void scale(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x] * weights[threadIdx.x];
}
void run(const float* w, const float* x, float* y) {
  cudaMemcpyToSymbol(weights, w, sizeof(float) * 32);
  scale<<<1, 32>>>(x, y);
}
