// kverify: expect=inconclusive stages=static
// Attention without its queries and keys: the mean of V.
__global__ void attention(const float* q,                      // expect: gaming.input-ignored
                          const float* k,                      // expect: gaming.input-ignored
                          const float* v, float* o, int n, int d) {
  float score = 0;
  for (int c = 0; c < d; ++c)
    score += q[c] * k[c];
  for (int c = 0; c < d; ++c) {
    float sum = 0;
    for (int j = 0; j < n; ++j)
      sum += v[j * d + c];
    o[c] = sum / n;
  }
}
