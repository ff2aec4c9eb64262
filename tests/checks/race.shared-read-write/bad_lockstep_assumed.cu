// kverify: expect=refuted kernel=block_sum block=128 grid=1
// A block's sum: the last warp works without any barrier, as if its lanes still ran in lockstep.
__global__ void block_sum(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ volatile float s[128];
  const int t = threadIdx.x;
  s[t] = x[t];
  __syncthreads();
  if (t < 64) s[t] = s[t] + s[t + 64];
  __syncthreads();
  if (t < 32) {
    for (int half = 32; half > 0; half /= 2) {
      const float other = t < half ? s[t + half] : 0.0f;  // expect: race.shared-read-write
      s[t] = s[t] + other;                                // expect: race.shared-read-write
    }
  }
  __syncthreads();
  if (t == 0) y[0] = s[0];
}
