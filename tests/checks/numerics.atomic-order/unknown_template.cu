// kverify: expect=inconclusive stages=static
template <class T>
__global__ void total(const T* x, T* sum, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    atomicAdd(sum, x[i]);
}
