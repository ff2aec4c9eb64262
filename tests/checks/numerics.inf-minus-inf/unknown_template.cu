// kverify: expect=inconclusive stages=static
template <class T>
__global__ void online(const T* x, T* y, int n) {
  T m = -INFINITY, l = 0;
  for (int j = 0; j < n; ++j) {
    T m_new = max(m, x[j]);
    l = l * exp(m - m_new) + exp(x[j] - m_new);
    m = m_new;
  }
  y[0] = l;
}
