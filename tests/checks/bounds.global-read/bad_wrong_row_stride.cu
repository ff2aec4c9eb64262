// kverify: expect=refuted kernel=scores contract
// Rows of k are d elements long, not n_k.
// s[i, j] = <q_i, k_j>: one thread a query, a loop over the keys.
__global__ void scores(const float* __restrict__ q, const float* __restrict__ k, float* __restrict__ s, int n_q,
                       int n_k, int d) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n_q) return;
  for (int j = 0; j < n_k; ++j) {
    float dot = 0.0f;
    for (int c = 0; c < d; ++c) {
      const float key = k[j * n_k + c];  // expect: bounds.global-read
      dot += q[row * d + c] * key;
    }
    s[row * n_k + j] = dot;
  }
}
