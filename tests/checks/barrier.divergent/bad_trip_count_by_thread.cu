// kverify: expect=refuted kernel=strided block=48 grid=1
// The loop's trips depend on the thread: the last threads meet one barrier less.
__global__ void strided(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ float s[48];
  const int t = threadIdx.x;
  float sum = 0.0f;
  for (int i = t; i < n; i += 48) {
    s[t] = x[i];
    __syncthreads();  // expect: barrier.divergent
    sum += s[t];
  }
  y[t] = sum;
}
