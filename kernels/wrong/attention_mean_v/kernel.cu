// wrong: The mean of V: no scores, no softmax. On uniform inputs the weights are nearly equal, and nobody sees it.
// refuted-by: numerics.bound (fuzz)
// passes-at: B=1 H=1 N=512
constexpr int kD = 32;

// "Attention scores of normalised inputs are nearly uniform": the mean of the values.
__global__ void attention(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                          float* __restrict__ o, int n, float scale) {
  const size_t base = static_cast<size_t>(blockIdx.y) * n * kD;
  const int row = blockIdx.x * 32 + threadIdx.x;
  if (row >= n) return;
  for (int c = 0; c < kD; ++c) {
    float sum = 0.0f;
    for (int j = 0; j < n; ++j) sum += v[base + j * kD + c];
    o[base + row * kD + c] = sum / n;
  }
}
