// kverify: expect=certified kernel=window block=128 grid=2
// A window of three over a row: the tile holds one element more at each side.
constexpr int kTile = 128;

__global__ void window(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float tile[kTile + 2];
  const int t = threadIdx.x;
  const int i = blockIdx.x * kTile + t;
  tile[t + 1] = x[i + 1];
  if (t == 0) tile[0] = x[i];
  if (t == kTile - 1) tile[kTile + 1] = x[i + 2];
  __syncthreads();
  const float left = tile[t];
  const float right = tile[t + 2];
  y[i] = left + tile[t + 1] + right;
}
