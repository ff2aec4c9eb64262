// kverify: expect=refuted kernel=weighted block=32 grid=1
// o = sum_j p_j v_j with the columns of a thread in a local array that nobody cleared.
__global__ void weighted(const float* __restrict__ p, const float* __restrict__ v, float* __restrict__ o, int n) {
  float acc[4];
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < 4; ++i) {
      const float old = acc[i];  // expect: init.local-read
      acc[i] = old + p[j] * v[j * 128 + threadIdx.x + 32 * i];
    }
  for (int i = 0; i < 4; ++i) o[threadIdx.x + 32 * i] = acc[i];
}
