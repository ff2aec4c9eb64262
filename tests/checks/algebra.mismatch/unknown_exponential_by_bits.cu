// kverify: expect=certified unknown=algebra.mismatch kernel=attention contract
// An exponential of its own: the fraction by a polynomial, the whole part put into the exponent's bits, where the field
// cannot follow. Its values keep the bound: that the algebra was not judged costs no certificate, and is said.
// Attention with an online softmax, one thread a query; o is [n_q, 16].
constexpr int kD = 16;

__device__ float ownExp(float x) {
  const float t = fmaxf(x * 1.4426950408889634f, -126.0f);
  const float whole = floorf(t);
  const float f = (t - whole) * 0.6931471805599453f;
  float sum = 1.0f;
  for (int i = 12; i > 0; --i) sum = 1.0f + sum * f / i;
  return __int_as_float((static_cast<int>(whole) + 127) << 23) * sum;
}

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
    s *= scale;
    const float new_max = fmaxf(row_max, s);
    const float rescale = ownExp(row_max - new_max);
    const float p = ownExp(s - new_max);
    row_sum = row_sum * rescale + p;
    for (int c = 0; c < kD; ++c) acc[c] = acc[c] * rescale + p * v[j * kD + c];
    row_max = new_max;
  }
  for (int c = 0; c < kD; ++c) o[row * kD + c] = row_sum > 0.0f ? acc[c] / row_sum : 0.0f;
}
