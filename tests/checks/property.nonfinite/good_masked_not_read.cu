// kverify: expect=certified kernel=attention contract
// Causal attention, one thread a query: keys beyond the edge are never read, so they may hold anything.
constexpr int kD = 16;

__global__ void attention(const float* q, const float* k, const float* v, float* o, int n, float scale) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n) return;
  float acc[kD] = {};
  float row_max = -INFINITY;
  float row_sum = 0.0f;
  for (int j = 0; j <= row; ++j) {
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
  for (int c = 0; c < kD; ++c) o[row * kD + c] = acc[c] / row_sum;
}
