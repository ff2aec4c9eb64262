// kverify: expect=certified kernel=axpy contract
// However many blocks there are, together they walk over everything.
__global__ void axpy(const float* __restrict__ x, float* __restrict__ y, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) y[i] = 3.0f * x[i];
}
