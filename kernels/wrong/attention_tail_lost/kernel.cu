// wrong: Only whole tiles are read (n / 32): the last n % 32 keys are lost. Right for the one shape that was tested.
// refuted-by: numerics.bound (fuzz)
// passes-at: B=1 H=1 N=512
constexpr int kTile = 32;
constexpr int kD = 32;

// One thread a query, tiles of 32 keys in shared memory, online softmax; every (batch, head) is a blockIdx.y.
__global__ void attention(const float* __restrict__ q, const float* __restrict__ k, const float* __restrict__ v,
                          float* __restrict__ o, int n, float scale) {
  __shared__ float k_tile[kTile][kD];
  __shared__ float v_tile[kTile][kD];
  const size_t base = static_cast<size_t>(blockIdx.y) * n * kD;
  const int row = blockIdx.x * kTile + threadIdx.x;
  float query[kD];
  float acc[kD] = {};
  for (int c = 0; c < kD; ++c) query[c] = row < n ? q[base + row * kD + c] * scale : 0.0f;
  float row_max = -INFINITY;
  float row_sum = 0.0f;
  for (int tile = 0; tile < n / kTile; ++tile) {
    const int start = tile * kTile;
    const int key = start + threadIdx.x;
    for (int c = 0; c < kD; ++c) {
      k_tile[threadIdx.x][c] = key < n ? k[base + key * kD + c] : 0.0f;
      v_tile[threadIdx.x][c] = key < n ? v[base + key * kD + c] : 0.0f;
    }
    __syncthreads();
    for (int j = 0; j < kTile && start + j < n; ++j) {
      float s = 0.0f;
      for (int c = 0; c < kD; ++c) s += query[c] * k_tile[j][c];
      const float new_max = fmaxf(row_max, s);
      const float rescale = expf(row_max - new_max);
      const float p = expf(s - new_max);
      row_sum = row_sum * rescale + p;
      for (int c = 0; c < kD; ++c) acc[c] = acc[c] * rescale + p * v_tile[j][c];
      row_max = new_max;
    }
    __syncthreads();
  }
  if (row < n)
    for (int c = 0; c < kD; ++c) o[base + row * kD + c] = row_sum > 0.0f ? acc[c] / row_sum : 0.0f;
}
