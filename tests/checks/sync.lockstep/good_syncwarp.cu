// kverify: expect=inconclusive stages=static
__device__ void reduce(volatile float* s, int t) {
  float v = s[t];
  v += s[t + 32]; __syncwarp();
  s[t] = v;       __syncwarp();
  v += s[t + 16]; __syncwarp();
  s[t] = v;       __syncwarp();
}

__global__ void sum(const float* x, float* y) {
  __shared__ float s[64];
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  if (threadIdx.x < 32) reduce(s, threadIdx.x);
  __syncthreads();
  if (threadIdx.x == 0) y[0] = s[0];
}
