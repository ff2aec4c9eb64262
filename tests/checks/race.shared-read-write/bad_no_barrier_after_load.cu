// kverify: expect=refuted kernel=tiled_sum block=64 grid=1
// The barrier between the loads and the reads is missing: a read may come before everything.
// Sums over keys, tile by tile: the block loads 64 keys together, then each thread reads all of them.
__global__ void tiled_sum(const float* __restrict__ q, const float* __restrict__ k, float* __restrict__ o, int n) {
  __shared__ float tile[64];
  const int t = threadIdx.x;
  float sum = 0.0f;
  for (int first = 0; first < 4 * n; first += 64) {
    tile[t] = k[first + t];  // expect: race.shared-read-write
    for (int j = 0; j < 64; ++j) {
      const float key = tile[j];  // expect: race.shared-read-write
      sum += q[t] * key;
    }
    __syncthreads();
  }
  o[t] = sum;
}
