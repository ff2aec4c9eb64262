// kverify: expect=certified kernel=scaled contract
// o = exp(q / 8).
__global__ void scaled(const float* __restrict__ q, float* __restrict__ o, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) o[i] = expf(q[i] * 0.125f);
}
