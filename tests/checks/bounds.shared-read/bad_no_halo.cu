// kverify: expect=refuted kernel=window block=128 grid=2
// A window of three over a row: the tile has no room for the right neighbour of the last.
constexpr int kTile = 128;

__global__ void window(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[kTile + 1];
  const int t = threadIdx.x;
  const int i = blockIdx.x * kTile + t;
  tile[t + 1] = x[i + 1];
  if (t == 0) tile[0] = x[i];
  __syncthreads();
  const float left = tile[t];
  const float right = tile[t + 2];  // expect: bounds.shared-read
  y[i] = left + tile[t + 1] + right;
}
