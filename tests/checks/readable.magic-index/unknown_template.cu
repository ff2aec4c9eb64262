// kverify: expect=inconclusive stages=static
template <class T>
__global__ void copy(const T* x, T* y, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x)
    y[i] = x[i];
}
