// kverify: expect=certified kernel=block_sum block=128 grid=1
// A block's sum: a tree down to one warp, and the last warp on its own.
__global__ void block_sum(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float s[128];
  const int t = threadIdx.x;
  s[t] = x[t];
  __syncthreads();
  if (t < 64) s[t] += s[t + 64];
  __syncthreads();
  if (t < 32) {
    s[t] += s[t + 32];
    __syncwarp();
    for (int half = 16; half > 0; half /= 2) {
      float other = 0.0f;
      if (t < half) {
        other = s[t + half];
      }
      __syncwarp();
      if (t < half) s[t] += other;
      __syncwarp();
    }
  }
  if (t == 0) y[0] = s[0];
}
