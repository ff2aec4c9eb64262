// kverify: expect=inconclusive stages=static
// Conditions that depend on the block, on sizes and on what one address holds are the same for all threads.
__global__ void reverse(const float* x, float* y, const int* lengths, int n) {
  __shared__ float s[128];
  if (static_cast<int>(blockIdx.x) >= n) return;
  const int length = lengths[blockIdx.x];
  for (int first = 0; first < length; first += 128) {
    s[threadIdx.x] = first + threadIdx.x < length ? x[first + threadIdx.x] : 0.0f;
    __syncthreads();
    if (first + threadIdx.x < length) y[first + threadIdx.x] = s[127 - threadIdx.x];
    __syncthreads();
  }
}
