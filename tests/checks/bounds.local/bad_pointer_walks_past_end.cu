// kverify: expect=refuted kernel=sums block=32 grid=1
// Three steps of a pointer over two elements.
__global__ void sums(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  float pair[2] = {x[2 * t], x[2 * t + 1]};
  const float* at = pair;
  float sum = *at++;
  sum += *at++;
  sum += *at++;  // expect: bounds.local
  y[t] = sum;
}
