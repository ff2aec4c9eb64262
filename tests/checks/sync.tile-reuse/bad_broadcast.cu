// kverify: expect=inconclusive stages=static
// The maximum is read by all from a place that is used again for the sum.
__global__ void softmax(const float* x, float* y) {
  __shared__ float s[128];
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  for (int half = 64; half > 0; half /= 2) {
    if (threadIdx.x < half) s[threadIdx.x] = fmaxf(s[threadIdx.x], s[threadIdx.x + half]);
    __syncthreads();
  }
  const float p = expf(x[threadIdx.x] - s[0]);
  s[threadIdx.x] = p;  // expect: sync.tile-reuse
  __syncthreads();
  y[threadIdx.x] = p + s[127 - threadIdx.x];
}
