// kverify: expect=inconclusive stages=static
// Barriers between; a thread's own element; a section of one thread; a warp's part with __syncwarp.
__global__ void sums(const float* x, float* y) {
  __shared__ float s[128], w[4][32], total;
  s[threadIdx.x] = x[threadIdx.x];
  s[threadIdx.x] *= 2.0f;
  __syncthreads();
  for (int half = 64; half > 0; half /= 2) {
    if (threadIdx.x < half) s[threadIdx.x] += s[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    total = s[0];
    y[0] = total;
  }
  w[threadIdx.x / 32][threadIdx.x % 32] = x[threadIdx.x];
  __syncwarp();
  y[threadIdx.x] = w[threadIdx.x / 32][31 - threadIdx.x % 32];
}
