// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y, float absmax) {
  y[threadIdx.x] = absmax > 10.0f ? tanhf(x[threadIdx.x]) : x[threadIdx.x];
}
