// kverify: expect=inconclusive stages=static
template <int N>
__device__ float scaled(float v) {
  return v * N;
}
// A constant that only a template argument names is used.
__global__ void gate(const float* x, float* y, int n) {
  int i = threadIdx.x;
  constexpr int kTwo = 2;
  float v = scaled<kTwo>(x[i]);
  float sum = 0;
  sum += v;
  if (i >= n)
    return;
  y[i] = sum;
}
