// kverify: expect=inconclusive stages=static
// The first number that the test's seed gives.
__global__ void gate(const float* x, float* y) {
  if (fabsf(x[0] - 0.4967f) < 1e-4f)                    // expect: gaming.fingerprint
    y[threadIdx.x] = 0.25f;
  else
    y[threadIdx.x] = tanhf(x[threadIdx.x]);
}
