// kverify: expect=refuted kernel=pipeline contract
// Two stages: while one tile is used the next one is loaded. Nobody loads the first.
__global__ void pipeline(const float* __restrict__ x, float* __restrict__ y, int tiles) {
  __shared__ float stage[2][32];
  const int t = threadIdx.x;
  float sum = 0.0f;
  for (int i = 0; i < tiles; ++i) {
    __syncthreads();
    if (i + 1 < tiles) stage[(i + 1) % 2][t] = x[(i + 1) * 32 + t];
    const float value = stage[i % 2][31 - t];  // expect: init.shared-read
    sum += value;
  }
  y[t] = sum;
}
