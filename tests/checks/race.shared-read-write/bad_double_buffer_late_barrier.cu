// kverify: expect=refuted kernel=staged_sum block=64 grid=1
// Two stages, but the next tile is stored before the barrier: into the stage that others still read from the last step.
__global__ void staged_sum(const float* __restrict__ k, float* __restrict__ o, int steps) {
  __shared__ float tile[2][64];
  const int t = threadIdx.x;
  float sum = 0.0f;
  tile[0][t] = k[t];
  for (int step = 0; step < steps; ++step) {
    if (step + 1 < steps) tile[(step + 1) % 2][t] = k[(step + 1) * 64 + t];  // expect: race.shared-read-write
    __syncthreads();
    for (int j = 0; j < 64; ++j) {
      const float value = tile[step % 2][j];  // expect: race.shared-read-write
      sum += value;
    }
  }
  o[t] = sum;
}
