// kverify: expect=certified kernel=sums block=32 grid=1
// A pointer walks to the end of the array, where it is not read through.
__global__ void sums(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  float pair[2] = {x[2 * t], x[2 * t + 1]};
  const float* at = pair;
  float sum = *at++;
  sum += *at++;
  y[t] = sum + (float)(at - pair);
}
