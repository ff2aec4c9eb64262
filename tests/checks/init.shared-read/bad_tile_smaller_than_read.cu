// kverify: expect=refuted kernel=tile_dot contract
// The tile's last keys are not loaded, and the loop goes over whole tiles.
__global__ void tile_dot(const float* __restrict__ q, const float* __restrict__ k, float* __restrict__ s, int n) {
  __shared__ float tile[16][8];
  const int t = threadIdx.x;
  for (int first = 0; first < n; first += 16) {
    const int keys = min(16, n - first);
    for (int i = t; i < keys * 8; i += 32) tile[i / 8][i % 8] = k[first * 8 + i];
    __syncthreads();
    if (t < 16) {
      float dot = 0.0f;
      for (int c = 0; c < 8; ++c) {
        const float value = tile[t][c];  // expect: init.shared-read
        dot += q[c] * value;
      }
      if (first + t < n) s[first + t] = dot;
    }
    __syncthreads();
  }
}
