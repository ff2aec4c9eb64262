// kverify: expect=inconclusive stages=static
// The row's maximum is subtracted first; a sigmoid is no sum of exponentials.
__global__ void row_softmax(const float* x, float* y, int n) {
  float row_max = x[0], sum = 0;
  for (int j = 1; j < n; ++j)
    row_max = fmaxf(row_max, x[j]);
  for (int j = 0; j < n; ++j) {
    float e = expf(x[j] - row_max);
    sum += e;
  }
  float gates = 0;
  for (int j = 0; j < n; ++j)
    gates += 1.0f / (1.0f + expf(-x[j]));
  y[0] = x[0] / sum + gates;
}
