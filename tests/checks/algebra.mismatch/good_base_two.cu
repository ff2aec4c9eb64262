// kverify: expect=certified kernel=attention contract
// Scores in base 2, and -1e30 in place of -inf: the same algebra.
// Attention with an online softmax, one thread a query; o is [n_q, 16].
constexpr int kD = 16;

__global__ void attention(const float* q, const float* k, const float* v,
                          float* o, int n_q, int n_k, float scale) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n_q) return;
  float acc[kD] = {};
  float row_max = -1e30f;
  float row_sum = 0.0f;
  for (int j = 0; j < n_k; ++j) {
    float s = 0.0f;
    for (int c = 0; c < kD; ++c) s += q[row * kD + c] * k[j * kD + c];
    s *= scale * 1.4426950408889634f;
    const float new_max = fmaxf(row_max, s);
    const float rescale = exp2f(row_max - new_max);
    const float p = exp2f(s - new_max);
    row_sum = row_sum * rescale + p;
    for (int c = 0; c < kD; ++c) acc[c] = acc[c] * rescale + p * v[j * kD + c];
    row_max = new_max;
  }
  for (int c = 0; c < kD; ++c) o[row * kD + c] = row_sum > 0.0f ? acc[c] / row_sum : 0.0f;
}
