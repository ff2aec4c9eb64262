// kverify: expect=inconclusive stages=static
template <class T, class Sum>
__global__ void mean(const T* x, Sum* y, int n) {
  Sum sum = 0;
  for (int k = 0; k < n; ++k)
    sum += x[k] * 0.5;
  y[0] = sum;
}
