// kverify: expect=inconclusive stages=static
template <class Tag>
__device__ float choose(float v, Tag tag) {
  return v;
}
__global__ void gate(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x];
}
