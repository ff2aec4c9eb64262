// wrong: Each warp takes off its own maximum, and the sums of all warps are added: right where all maxima are equal.
// refuted-by: numerics.bound (fuzz)
// passes-at: R=16 N=4096
// One block of 256 threads a row; each warp shifts by the maximum of its own elements.
__global__ void softmax_rows(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float partial[8];
  const int t = threadIdx.x;
  const float* row = x + static_cast<size_t>(blockIdx.x) * n;
  float best = -INFINITY;
  for (int i = t; i < n; i += 256) best = fmaxf(best, row[i]);
  for (int d = 16; d > 0; d /= 2) best = fmaxf(best, __shfl_xor_sync(0xffffffffu, best, d));
  best = fmaxf(best, -1e30f);
  float sum = 0.0f;
  for (int i = t; i < n; i += 256) sum += expf(row[i] - best);
  for (int d = 16; d > 0; d /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, d);
  if (t % 32 == 0) partial[t / 32] = sum;
  __syncthreads();
  float total = 0.0f;
  for (int w = 0; w < 8; ++w) total += partial[w];
  for (int i = t; i < n; i += 256) y[static_cast<size_t>(blockIdx.x) * n + i] = expf(row[i] - best) / total;
}
