// kverify: expect=inconclusive stages=static
__global__ void twice(const float* x, float* y, int n) {
  __shared__ float s[64];
  float a = x[threadIdx.x];
  s[threadIdx.x] = a * a + n;
  __syncthreads();
  float left = s[threadIdx.x] + s[(threadIdx.x + 1) % 64];
  left = left * 0.5f + a;
  y[threadIdx.x] = left;
  __syncthreads();
  float b = x[threadIdx.x];                                    // expect: readable.duplicate-block
  s[threadIdx.x] = b * b + n;
  __syncthreads();
  float right = s[threadIdx.x] + s[(threadIdx.x + 1) % 64];
  right = right * 0.5f + b;
  y[threadIdx.x] = right;
}
