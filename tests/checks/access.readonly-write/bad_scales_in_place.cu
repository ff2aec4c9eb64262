// kverify: expect=refuted kernel=scaled contract
// o = exp(q / 8), with the scaling done in the input: the caller's q is changed.
__global__ void scaled(float* q, float* __restrict__ o, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float value = q[i] * 0.125f;
  q[i] = value;  // expect: access.readonly-write
  o[i] = expf(value);
}
