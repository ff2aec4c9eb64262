// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float4* y) {
  __shared__ float s[128];  // expect: bounds.vector-cast
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  if (threadIdx.x < 32) y[threadIdx.x] = reinterpret_cast<float4*>(s)[threadIdx.x];
}
