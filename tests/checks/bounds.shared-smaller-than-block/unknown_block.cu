// kverify: expect=inconclusive stages=static
// Nobody says how many threads a block has, and the array is no whole number of warps.
__global__ void reverse(const float* x, float* y) {
  __shared__ float s[100];
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = s[99 - threadIdx.x];
}
