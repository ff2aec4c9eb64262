// kverify: expect=refuted kernel=copy contract
// The tail has three elements at most, and is taken to have two.
__global__ void copy(const float* __restrict__ x, float* __restrict__ y, int n) {  // expect: output.unwritten
  const int i = blockIdx.x * blockDim.x + threadIdx.x, vectors = n / 4;
  if (i < vectors) reinterpret_cast<float4*>(y)[i] = reinterpret_cast<const float4*>(x)[i];
  if (i < n % 4 && i < 2) y[4 * vectors + i] = x[4 * vectors + i];
}
