// kverify: expect=refuted kernel=scores contract
// The maximum runs over one key too many ("<=" for "<"): past the end of k for the last one.
__global__ void scores(const float* __restrict__ q, const float* __restrict__ k, float* __restrict__ s, int n_q,
                       int n_k, int d) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n_q) return;
  float row_max = -INFINITY;
  for (int j = 0; j <= n_k; ++j) {
    float dot = 0.0f;
    for (int c = 0; c < d; ++c) {
      const float key = k[j * d + c];  // expect: bounds.global-read
      dot += q[row * d + c] * key;
    }
    row_max = fmaxf(row_max, dot);
    if (j < n_k) s[row * n_k + j] = dot - row_max;
  }
}
