// kverify: expect=refuted kernel=neighbours block=32 grid=1
// __syncwarp() for the whole warp, reached by the lanes of one branch only.
__global__ void neighbours(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float s[32];
  const int t = threadIdx.x;
  s[t] = x[t];
  __syncthreads();
  if (t < 20) {
    __syncwarp();  // expect: warp.divergent
    y[t] = s[t + 1];
  }
}
