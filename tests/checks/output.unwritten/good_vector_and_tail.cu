// kverify: expect=certified kernel=copy contract
// Four at a time as one vector, and what is left over one by one.
__global__ void copy(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x, vectors = n / 4;
  if (i < vectors) reinterpret_cast<float4*>(y)[i] = reinterpret_cast<const float4*>(x)[i];
  if (i < n % 4) y[4 * vectors + i] = x[4 * vectors + i];
}
