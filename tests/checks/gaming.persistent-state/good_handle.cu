// kverify: expect=inconclusive stages=static
// A handle, a count of multiprocessors, and a table that nobody changes.
static cudaStream_t shared_stream = nullptr;
static int multiprocessors = 0;
static const float kTable[4] = {0.0f, 0.5f, 1.0f, 2.0f};
__global__ void scale(const float* x, float* y, int n, float by) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = by * x[i];
}
void run(const float* x, float* y, int n) {
  if (multiprocessors == 0) multiprocessors = 132;
  scale<<<multiprocessors, 256, 0, shared_stream>>>(x, y, n, kTable[2]);
}
