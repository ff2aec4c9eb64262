// kverify: expect=inconclusive stages=static
__device__ void reduce(volatile float* s, int t) {
  s[t] += s[t + 32];
  s[t] += s[t + 16];  // expect: sync.lockstep
  s[t] += s[t + 8];   // expect: sync.lockstep
}

__global__ void sum(const float* x, float* y) {
  __shared__ float s[64];
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  if (threadIdx.x < 32) reduce(s, threadIdx.x);
  if (threadIdx.x == 0) y[0] = s[0];
}
