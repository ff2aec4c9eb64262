// kverify: expect=refuted kernel=neighbours block=32 grid=1
// __syncwarp() for the whole warp, reached by the lanes of one branch only: the others wait at the block's barrier.
__global__ void neighbours(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float s[32];
  const int t = threadIdx.x;
  float next = 0.0f;
  s[t] = x[t];
  __syncthreads();
  if (t < 20) {
    next = s[t + 1];
    __syncwarp();  // expect: warp.divergent
  }
  __syncthreads();
  y[t] = next;
}
