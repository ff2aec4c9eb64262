// kverify: expect=inconclusive stages=static
__global__ void reverse(const float* x, float* y) {
  __shared__ float s[128];
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = s[127 - threadIdx.x];
}
__global__ void guarded(const float* x, float* y) {
  __shared__ float s[100];
  if (threadIdx.x < 100) s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = s[0];
}

void run(const float* x, float* y) {
  reverse<<<1, 128>>>(x, y);
  guarded<<<1, 128>>>(x, y);
}
