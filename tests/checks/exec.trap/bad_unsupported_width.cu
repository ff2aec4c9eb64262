// kverify: expect=refuted kernel=by_width contract
// One kernel for several head dimensions; the contract promises one that is not supported.
__global__ void by_width(const float* __restrict__ x, float* __restrict__ y, int d) {
  float sum = 0.0f;
  switch (d) {
  case 32:
  case 64:
    for (int c = 0; c < d; ++c) sum += x[threadIdx.x * d + c];
    break;
  default:
    __trap();  // expect: exec.trap
  }
  y[threadIdx.x] = sum;
}
