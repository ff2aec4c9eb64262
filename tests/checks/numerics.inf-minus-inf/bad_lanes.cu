// kverify: expect=inconclusive stages=static
// Two lanes that had no element (n < 32) merge: -inf - -inf.
__global__ void online(const float* x, float* y, int n) {
  float m = -INFINITY, l = 0;
  for (int j = threadIdx.x; j < n; j += 32) {
    float m_new = fmaxf(m, x[j]);
    l = l * expf(m - m_new) + expf(x[j] - m_new);
    m = m_new;
  }
  for (int offset = 16; offset > 0; offset /= 2) {
    float m_other = __shfl_xor_sync(0xffffffffu, m, offset), l_other = __shfl_xor_sync(0xffffffffu, l, offset);
    float m_new = fmaxf(m, m_other);
    l = l * expf(m - m_new);                            // expect: numerics.inf-minus-inf
    l += l_other * expf(m_other - m_new);               // expect: numerics.inf-minus-inf
    m = m_new;
  }
  y[threadIdx.x] = l;
}
