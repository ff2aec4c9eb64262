// kverify: expect=inconclusive stages=static
// An epsilon, a guard, the larger of two, and a sum of exponentials, which has a 1 in it.
__global__ void normalise(const float* x, float* y, int n, float eps) {
  float squares = 0, sum = 0, largest = x[0];
  for (int j = 0; j < n; ++j) {
    squares += x[j] * x[j];
    largest = fmaxf(largest, x[j]);
  }
  for (int j = 0; j < n; ++j)
    sum += expf(x[j] - largest);
  y[0] = x[0] / sqrtf(squares + eps);
  y[1] = x[1] / fmaxf(sqrtf(squares), 1e-12f);
  y[2] = squares > 0 ? x[2] / squares : 0;
  y[3] = x[3] / sum;
  y[4] = squares / n;
}
