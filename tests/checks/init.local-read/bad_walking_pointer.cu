// kverify: expect=refuted kernel=sums block=32 grid=1
// A pointer walks over the array and begins one element before the first that is stored.
__global__ void sums(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  float parts[3];  // expect: init.local-read
  parts[1] = x[2 * t];
  parts[2] = x[2 * t + 1];
  const float* at = parts;
  float sum = *at++;
  sum += *at++;
  y[t] = sum;
}
