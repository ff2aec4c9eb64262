// kverify: expect=inconclusive stages=static
template <class T>
__global__ void poly(const T* x, T* y) {
  T a = x[0], e = a * a, f = e * a, g = f * a, o = g * a, p = o * a;
  y[threadIdx.x] = a + e + f + g + o + p;
}
