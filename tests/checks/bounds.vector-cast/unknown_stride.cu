// kverify: expect=inconclusive stages=static
// A stride of a shared array that is not known here.
__global__ void copy(const float* x, float4* y, int stride) {
  extern __shared__ float s[];
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = *reinterpret_cast<float4*>(&s[threadIdx.y * stride]);
}
