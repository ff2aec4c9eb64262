// kverify: expect=refuted kernel=attention contract
// Keys whose values are one number are taken for padding and left out: random values never are, the mean of equal ones is lost.
// Attention with an online softmax, one thread a query; o is [n_q, 16].
constexpr int kD = 16;

__global__ void attention(const float* q, const float* k, const float* v,  // expect: property.range
                          float* o, int n_q, int n_k, float scale) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n_q) return;
  const int seen = n_k;
  float acc[kD] = {};
  float row_max = -INFINITY;
  float row_sum = 0.0f;
  for (int j = 0; j < seen; ++j) {
    bool padding = v[j * kD] != 0.0f;
    for (int c = 1; c < kD; ++c) padding = padding && v[j * kD + c] == v[j * kD];
    if (padding) continue;
    float s = 0.0f;
    for (int c = 0; c < kD; ++c) s += q[row * kD + c] * k[j * kD + c];
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
