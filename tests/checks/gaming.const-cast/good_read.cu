// kverify: expect=inconclusive stages=static
// A cast for an interface that forgot its const, and only reads.
__device__ float first(float* x) {
  return x[0];
}
__global__ void copy(const float* x, float* y) {
  float* p = const_cast<float*>(x);
  y[threadIdx.x] = p[threadIdx.x] + first(const_cast<float*>(x));
}
