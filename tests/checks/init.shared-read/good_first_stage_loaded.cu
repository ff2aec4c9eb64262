// kverify: expect=certified kernel=pipeline contract
// Two stages: while one tile is used the next one is loaded. The first is loaded before.
__global__ void pipeline(const float* __restrict__ x, float* __restrict__ y, int tiles) {
  __shared__ float stage[2][32];
  const int t = threadIdx.x;
  float sum = 0.0f;
  stage[0][t] = x[t];
  for (int i = 0; i < tiles; ++i) {
    __syncthreads();
    if (i + 1 < tiles) stage[(i + 1) % 2][t] = x[(i + 1) * 32 + t];
    const float value = stage[i % 2][31 - t];
    sum += value;
  }
  y[t] = sum;
}
