// kverify: expect=refuted kernel=attention contract
// Queries are clamped, to values that the inputs of a test stay within: 1024 Q with K / 1024 is another result.
// Attention with an online softmax, one thread a query; o is [n_q, 16].
constexpr int kD = 16;

__global__ void attention(const float* q, const float* k, const float* v,  // expect: property.invariance
                          float* o, int n_q, int n_k, float scale) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n_q) return;
  const int seen = n_k;
  float acc[kD] = {};
  float row_max = -INFINITY;
  float row_sum = 0.0f;
  for (int j = 0; j < seen; ++j) {
    float s = 0.0f;
    for (int c = 0; c < kD; ++c) s += fminf(fmaxf(q[row * kD + c], -1000.0f), 1000.0f) * k[j * kD + c];
    s *= scale;
    const float new_max = fmaxf(row_max, s);
    const float rescale = expf(row_max - new_max);
    const float p = expf(s - new_max);
    row_sum = row_sum * rescale + p;
    for (int c = 0; c < kD; ++c) acc[c] = acc[c] * rescale + p * v[j * kD + c];
    row_max = new_max;
  }
  for (int c = 0; c < kD; ++c) o[row * kD + c] = row_sum > 0.0f ? acc[c] / row_sum : 0.0f;
}
