// kverify: expect=certified kernel=sums block=32 grid=1
// A pointer walks over the elements that are stored.
__global__ void sums(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  float parts[3];
  parts[1] = x[2 * t];
  parts[2] = x[2 * t + 1];
  const float* at = parts + 1;
  float sum = *at++;
  sum += *at++;
  y[t] = sum;
}
