// kverify: expect=inconclusive unknown=algebra.mismatch kernel=attention contract
// A factor of many digits that stands for nothing known: the outputs are not attention's in exact arithmetic, but that
// proves nothing, since the digits may be somebody's approximation. Nobody is accused, and nothing is certified.
// Attention with an online softmax, one thread a query; o is [n_q, 16].
constexpr int kD = 16;

__global__ void attention(const float* q, const float* k, const float* v,
                          float* o, int n_q, int n_k, float scale) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n_q) return;
  float acc[kD] = {};
  float row_max = -INFINITY;
  float row_sum = 0.0f;
  for (int j = 0; j < n_k; ++j) {
    float s = 0.0f;
    for (int c = 0; c < kD; ++c) s += q[row * kD + c] * k[j * kD + c];
    s *= scale * 1.00037f;
    const float new_max = fmaxf(row_max, s);
    const float rescale = expf(row_max - new_max);
    const float p = expf(s - new_max);
    row_sum = row_sum * rescale + p;
    for (int c = 0; c < kD; ++c) acc[c] = acc[c] * rescale + p * v[j * kD + c];
    row_max = new_max;
  }
  for (int c = 0; c < kD; ++c) o[row * kD + c] = row_sum > 0.0f ? acc[c] / row_sum : 0.0f;
}
