// kverify: expect=inconclusive stages=static
// Summed over the lanes by a function, in shared memory, atomically, and taken by a function of its own.
__device__ float sumOfLanes(float v) {
  for (int offset = 16; offset > 0; offset >>= 1) v += __shfl_xor_sync(0xffffffffu, v, offset);
  return v;
}
__device__ float power(float v) { return exp2f(v * 1.4426950f); }
__global__ void byFunction(const float* x, float* y, int n) {
  int i = threadIdx.x;
  float e = i < n ? expf(x[i]) : 0.0f;                         // expect: numerics.exp-unshifted
  float sum = sumOfLanes(e);
  if (i < n) y[i] = e / sum;
}
__global__ void inShared(const float* x, float* y, int n) {
  __shared__ float s[256];
  int t = threadIdx.x;
  s[t] = t < n ? expf(x[t]) : 0.0f;                            // expect: numerics.exp-unshifted
  __syncthreads();
  for (int offset = 128; offset > 0; offset >>= 1) {
    if (t < offset) s[t] += s[t + offset];
    __syncthreads();
  }
  if (t < n) y[t] = x[t] / s[0];
}
__global__ void atomically(const float* x, float* total, int n) {
  if (threadIdx.x < n) atomicAdd(total, expf(x[threadIdx.x]));   // expect: numerics.exp-unshifted
}
__global__ void byOwnFunction(const float* x, float* y, int n) {
  float sum = 0.0f;
  for (int i = 0; i < n; ++i) sum += power(x[i]);              // expect: numerics.exp-unshifted
  y[threadIdx.x] = sum;
}
