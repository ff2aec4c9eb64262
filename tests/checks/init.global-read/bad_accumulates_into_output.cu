// kverify: expect=refuted kernel=accumulate contract
// o += p v on an output that nobody has cleared.
__global__ void accumulate(const float* __restrict__ v, float* __restrict__ o, int n, int d) {
  const int c = threadIdx.x;
  if (c >= d) return;
  for (int j = 0; j < n; ++j) {
    const float old = o[c];  // expect: init.global-read
    o[c] = old + v[j * d + c];
  }
}
