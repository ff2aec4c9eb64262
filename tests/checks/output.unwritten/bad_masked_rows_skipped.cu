// kverify: expect=refuted kernel=causal_rows contract
// Rows that see no key are left as they were; they should be 0.
__global__ void causal_rows(const float* v, float* o, int n_q, int n_k) {  // expect: output.unwritten
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n_q) return;
  const int seen = min(n_k, row + n_k - n_q + 1);
  if (seen <= 0) return;
  float sum = 0.0f;
  for (int j = 0; j < seen; ++j) sum += v[j];
  o[row] = sum / static_cast<float>(seen);
}
