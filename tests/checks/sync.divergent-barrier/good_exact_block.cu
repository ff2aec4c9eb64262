// kverify: expect=inconclusive stages=static
// The early return lets all threads through: every launch has exactly as many.
__global__ void sumRow(const float* x, float* y, int columns) {
  extern __shared__ float s[];
  int c = threadIdx.x;
  if (c >= columns) return;
  s[c] = x[blockIdx.x * columns + c];
  __syncthreads();
  if (c == 0) {
    float sum = 0.0f;
    for (int i = 0; i < columns; ++i) sum += s[i];
    y[blockIdx.x] = sum;
  }
}
__global__ void first64(const float* x, float* y) {
  __shared__ float s[64];
  if (threadIdx.x < 64) {
    s[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = s[63 - threadIdx.x];
  }
}
void run(const float* x, float* y, int rows, long width) {
  const int threads = static_cast<int>(width);
  sumRow<<<rows, threads, threads * sizeof(float)>>>(x, y, static_cast<int>(width));
  first64<<<1, 64>>>(x, y);
}
