// kverify: expect=refuted kernel=masked_sum block=32 grid=1
// Scores of masked keys are never written, and read all the same.
__global__ void masked_sum(const float* __restrict__ x, float* __restrict__ y, int n) {
  float s[8];
  const int row = threadIdx.x % 8;
  for (int j = 0; j <= row; ++j) s[j] = x[j * n];
  float sum = 0.0f;
  for (int j = 0; j < 8; ++j) sum += s[j];  // expect: init.local-read
  y[threadIdx.x] = sum;
}
