// kverify: expect=inconclusive stages=static
// A lane without elements has m = -INFINITY: what is exponentiated then is 0 by the guard. A causal mask leaves key 0.
__global__ void online(const float* x, float* y, int n, int row) {
  float m = -INFINITY, l = 0;
  for (int j = threadIdx.x; j < n; j += 32) {
    float m_new = fmaxf(m, x[j]);
    l = l * expf(m - m_new) + expf(x[j] - m_new);
    m = m_new;
  }
  for (int offset = 16; offset > 0; offset /= 2) {
    float m_other = __shfl_xor_sync(0xffffffffu, m, offset), l_other = __shfl_xor_sync(0xffffffffu, l, offset);
    float m_new = fmaxf(m, m_other);
    if (m_new != -INFINITY)
      l = l * expf(m - m_new) + l_other * expf(m_other - m_new);
    m = m_new;
  }
  float seen = -INFINITY, sum = 0;
  for (int j = 0; j < n; ++j) {
    float s = j <= row ? x[j] : -INFINITY;
    float next = fmaxf(seen, s);
    sum = sum * expf(seen - next) + expf(s - next);
    seen = next;
  }
  y[threadIdx.x] = l + sum;
}
