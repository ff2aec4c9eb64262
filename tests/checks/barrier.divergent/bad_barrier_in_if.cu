// kverify: expect=refuted kernel=halve block=128 grid=1
// The barrier stands inside the branch of the tree, where only half of the threads are.
__global__ void halve(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float s[128];
  const int t = threadIdx.x;
  s[t] = x[t];
  __syncthreads();
  if (t < 64) {
    s[t] += s[t + 64];
    __syncthreads();  // expect: barrier.divergent
  }
  if (t < 64) y[t] = s[t];
}
