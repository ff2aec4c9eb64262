// kverify: expect=inconclusive stages=static
// The mask is loaded: it may take every key seen so far.
__global__ void masked(const float* x, const int* mask, float* y, int n) {
  float m = -INFINITY, l = 0;
  for (int j = 0; j < n; ++j) {
    float s = mask[j] ? x[j] : -INFINITY;
    float m_new = fmaxf(m, s);
    l *= expf(m - m_new);                               // expect: numerics.inf-minus-inf
    l += expf(s - m_new);                               // expect: numerics.inf-minus-inf
    m = m_new;
  }
  y[0] = l;
}
