// kverify: expect=certified kernel=attention contract
// Attention over batches with tiles of 32 keys in shared memory, one thread a query; all tensors are [batch, n, 16].
constexpr int kD = 16;
constexpr int kTile = 32;

__global__ void attention(const float* q, const float* k, const float* v,
                          float* o, int batches, int n, float scale) {
  __shared__ float k_tile[kTile][kD];
  __shared__ float v_tile[kTile][kD];
  const int first = blockIdx.y * n;
  const int row = blockIdx.x * kTile + threadIdx.x;
  float acc[kD] = {};
  float row_max = -INFINITY;
  float row_sum = 0.0f;
  for (int start = 0; start < n; start += kTile) {
    const int key = start + threadIdx.x;
    for (int c = 0; c < kD; ++c) {
      k_tile[threadIdx.x][c] = key < n ? k[(first + key) * kD + c] : 0.0f;
      v_tile[threadIdx.x][c] = key < n ? v[(first + key) * kD + c] : 0.0f;
    }
    __syncthreads();
    for (int j = 0; j < kTile && row < n; ++j) {
      float s = 0.0f;
      for (int c = 0; c < kD; ++c) s += q[(first + row) * kD + c] * k_tile[j][c];
      s = start + j < n ? s * scale : -INFINITY;  // beyond the end: a weight of 0
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
    for (int c = 0; c < kD; ++c) o[(first + row) * kD + c] = acc[c] / row_sum;
}
