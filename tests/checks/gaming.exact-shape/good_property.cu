// kverify: expect=inconclusive stages=static
template <int D>
__global__ void rows(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x * D];
}
__global__ void plain(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (n % 4 == 0 && i < n)
    y[i] = x[i];
}
// Which instance of a template runs is chosen by the size.
void run(const float* x, float* y, int n, int d) {
  if (d == 1024)
    rows<1024><<<1, 32>>>(x, y);
  else
    plain<<<n / 32, 32>>>(x, y, n);
}
