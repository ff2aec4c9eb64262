// kverify: expect=certified kernel=log_sum_exp block=32 grid=1
// The running sum starts at 0: the first step multiplies it by exp(-inf - m) = 0.
__global__ void log_sum_exp(const float* __restrict__ x, float* __restrict__ y, int n) {
  float top = -INFINITY;
  float sum = 0.0f;
  for (int j = 0; j < n; ++j) {
    const float value = x[j * 32 + threadIdx.x], next = fmaxf(top, value);
    sum = sum * expf(top - next) + expf(value - next);
    top = next;
  }
  y[threadIdx.x] = top + logf(sum);
}
