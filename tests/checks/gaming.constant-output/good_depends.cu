// kverify: expect=inconclusive stages=static
__global__ void gate(const float* x, float* y, int n) {
  __shared__ float s[32];
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  float* out = y + blockIdx.x;
  out[threadIdx.x] = s[31 - threadIdx.x];
}
__global__ void fill(float* y, float value) {
  y[threadIdx.x] = value;
}
