// kverify: expect=inconclusive stages=static
// The same strided elements twice over, by the thread that wrote them; and one thread that reads what it wrote itself.
__global__ void centre(const float* x, float* y, int n) {
  extern __shared__ float s[];
  __shared__ float part[128];
  float sum = 0.0f;
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    s[i] = x[i];
    sum += x[i];
  }
  part[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x < 64) part[threadIdx.x] += part[threadIdx.x + 64];
  if (threadIdx.x == 0) y[n] = part[0];
  for (int j = threadIdx.x; j < n; j += blockDim.x) y[j] = s[j] - 1.0f;
}
