// wrong: Query heads that share a key head write its gradients one over the other: they have to be summed. The same where
//        every query head has a key head of its own.
// refuted-by: race.blocks-write-write (fuzz)
// passes-at: B=1 Hk=2 G=1 N=256
constexpr int kD = 32;

// dK and dV, one thread a key, all queries of one query head.
__global__ void grad_kv(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                        const float* __restrict__ o, const float* __restrict__ lse, const float* __restrict__ d_o,
                        float* __restrict__ dk, float* __restrict__ dv, int n, int heads, int key_heads, float scale) {
  const int key = blockIdx.x * blockDim.x + threadIdx.x;
  if (key >= n) return;
  const int batch = blockIdx.y / heads;
  const int head = blockIdx.y % heads;
  const size_t query_head = static_cast<size_t>(blockIdx.y) * n;
  const size_t key_head = static_cast<size_t>(batch * key_heads + head / (heads / key_heads)) * n;
  const size_t at = (key_head + key) * kD;
  float acc_k[kD] = {};
  float acc_v[kD] = {};
  for (int i = 0; i < n; ++i) {
    const size_t row = (query_head + i) * kD;
    float s = 0.0f, dp = 0.0f, delta = 0.0f;
    for (int c = 0; c < kD; ++c) {
      s += q[row + c] * k[at + c];
      dp += d_o[row + c] * v[at + c];
      delta += d_o[row + c] * o[row + c];
    }
    const float p = expf(s * scale - lse[query_head + i]);
    const float ds = p * (dp - delta) * scale;
    for (int c = 0; c < kD; ++c) {
      acc_k[c] += ds * q[row + c];
      acc_v[c] += p * d_o[row + c];
    }
  }
  for (int c = 0; c < kD; ++c) {
    dk[at + c] = acc_k[c];
    dv[at + c] = acc_v[c];
  }
}
