// kverify: expect=inconclusive stages=static
// One launch has as many threads as pass, the other more.
__global__ void reverse(const float* x, float* y, int n) {
  __shared__ float s[1024];
  if (threadIdx.x >= n) return;                                // expect: sync.divergent-barrier
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();                                             // expect: sync.divergent-barrier
  y[threadIdx.x] = s[n - 1 - threadIdx.x];
}
void run(const float* x, float* y, int n) {
  reverse<<<1, n>>>(x, y, n);
  reverse<<<1, 256>>>(x, y, n);
}
