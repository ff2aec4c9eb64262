// kverify: expect=inconclusive stages=static
template <class T>
__global__ void normalise(const T* x, T* y, int n) {
  T norm = 0;
  for (int j = 0; j < n; ++j)
    norm += x[j] * x[j];
  y[0] = x[0] / norm;
}
