// kverify: expect=inconclusive stages=static
__global__ void copy(const float* x, float* y, int rows, int columns) {
  const size_t at = static_cast<size_t>(blockIdx.x) * columns + threadIdx.x;
  const size_t thread = blockIdx.x * blockDim.x + threadIdx.x;
  const long long bytes = 4 * columns;
  y[at] = x[blockIdx.x * columns + threadIdx.x] + x[thread] + static_cast<float>(bytes);
}
