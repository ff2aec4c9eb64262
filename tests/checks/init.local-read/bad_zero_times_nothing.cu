// kverify: expect=refuted kernel=log_sum_exp block=32 grid=1
// The running sum has no first value. The first step multiplies it by exp(-inf - m) = 0; where the register holds a NaN
// or an infinity, 0 times that is NaN.
__global__ void log_sum_exp(const float* __restrict__ x, float* __restrict__ y, int n) {
  float top = -INFINITY;
  float sum;  // expect: init.local-read
  for (int j = 0; j < n; ++j) {
    const float value = x[j * 32 + threadIdx.x], next = fmaxf(top, value);
    sum = sum * expf(top - next) + expf(value - next);
    top = next;
  }
  y[threadIdx.x] = top + logf(sum);
}
