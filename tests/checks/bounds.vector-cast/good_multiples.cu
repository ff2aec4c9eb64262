// kverify: expect=inconclusive stages=static
template <int D>
__global__ void copy(const float* x, float* y, int n) {
  __shared__ alignas(16) float s[128];
  const int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  const float4 v = reinterpret_cast<const float4*>(x)[blockIdx.x];
  *reinterpret_cast<float4*>(y + i) = v;
  *reinterpret_cast<float4*>(y + n * D) = v;
  for (int k = 0; k < n; k += 8) *reinterpret_cast<float4*>(&y[k]) = v;
  reinterpret_cast<float4*>(s)[threadIdx.x] = v;
}
template __global__ void copy<64>(const float*, float*, int);
