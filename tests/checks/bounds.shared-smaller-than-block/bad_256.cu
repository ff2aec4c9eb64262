// kverify: expect=inconclusive stages=static
__global__ void reverse(const float* x, float* y) {
  __shared__ float s[128];
  s[threadIdx.x] = x[threadIdx.x];  // expect: bounds.shared-smaller-than-block
  __syncthreads();
  y[threadIdx.x] = s[127 - threadIdx.x];
}

void run(const float* x, float* y) { reverse<<<1, 256>>>(x, y); }
