// kverify: expect=inconclusive kernel=guarded block=128 grid=1
// Whether the function in another file lets the kernel go on cannot be seen here.
extern __device__ bool isSupported(int width);

__global__ void guarded(const float* __restrict__ x, float* __restrict__ y, int d) {
  if (!isSupported(d)) __trap();
  y[threadIdx.x] = x[threadIdx.x];
}
