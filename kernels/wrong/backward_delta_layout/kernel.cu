// wrong: delta is written as [rows, heads] and read as [heads, rows]: the same where there is one head.
// refuted-by: numerics.bound (fuzz)
// passes-at: B=1 H=1 N=512
constexpr int kD = 32;

// delta = sum of dO * O, one thread a query.
__global__ void row_delta(const float* __restrict__ o, const float* __restrict__ d_o, float* __restrict__ delta, int n) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n) return;
  const size_t at = (static_cast<size_t>(blockIdx.y) * n + row) * kD;
  float sum = 0.0f;
  for (int c = 0; c < kD; ++c) sum += o[at + c] * d_o[at + c];
  delta[static_cast<size_t>(row) * gridDim.y + blockIdx.y] = sum;
}

// dQ, one thread a query: P is recomputed from the saved log-sum-exp.
__global__ void grad_q(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                       const float* __restrict__ lse, const float* __restrict__ delta, const float* __restrict__ d_o,
                       float* __restrict__ dq, int n, float scale) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= n) return;
  const size_t head = static_cast<size_t>(blockIdx.y) * n;
  const size_t at = (head + row) * kD;
  float acc[kD] = {};
  for (int j = 0; j < n; ++j) {
    const size_t key = (head + j) * kD;
    float s = 0.0f, dp = 0.0f;
    for (int c = 0; c < kD; ++c) {
      s += q[at + c] * k[key + c];
      dp += d_o[at + c] * v[key + c];
    }
    const float p = expf(s * scale - lse[head + row]);
    const float ds = p * (dp - delta[head + row]) * scale;
    for (int c = 0; c < kD; ++c) acc[c] += ds * k[key + c];
  }
  for (int c = 0; c < kD; ++c) dq[at + c] = acc[c];
}
