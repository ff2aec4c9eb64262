// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float* y, int n) {
  const int row = blockIdx.x;
  const float4 v = *reinterpret_cast<const float4*>(x + row * n);  // expect: bounds.vector-cast
  *reinterpret_cast<float4*>(&y[row * n + 4 * threadIdx.x]) = v;   // expect: bounds.vector-cast
}
