// kverify: expect=certified kernel=column_sums contract
// Loads a tile of kKeys keys of d columns, all threads together, and sums its columns.
constexpr int kKeys = 16;
constexpr int kMaxD = 16;

__global__ void column_sums(const float* __restrict__ k, float* __restrict__ y, int d) {
  __shared__ float tile[kKeys * kMaxD];
  for (int i = threadIdx.x; i < kKeys * d; i += blockDim.x) {
    tile[i] = k[i];
  }
  __syncthreads();
  for (int c = threadIdx.x; c < d && c < kMaxD; c += blockDim.x) {
    float sum = 0.0f;
    for (int j = 0; j < kKeys; ++j) sum += tile[j * min(d, kMaxD) + c];
    y[c] = sum;
  }
}
