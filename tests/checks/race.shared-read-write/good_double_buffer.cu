// kverify: expect=certified kernel=staged_sum block=64 grid=1
// Two stages: one barrier a step is enough, because a tile is overwritten only a step after it was read.
__global__ void staged_sum(const float* __restrict__ k, float* __restrict__ o, int steps) {
  __shared__ float tile[2][64];
  const int t = threadIdx.x;
  float sum = 0.0f;
  tile[0][t] = k[t];
  for (int step = 0; step < steps; ++step) {
    __syncthreads();
    if (step + 1 < steps) tile[(step + 1) % 2][t] = k[(step + 1) * 64 + t];
    for (int j = 0; j < 64; ++j) sum += tile[step % 2][j];
  }
  o[t] = sum;
}
