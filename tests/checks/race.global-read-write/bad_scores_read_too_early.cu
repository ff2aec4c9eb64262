// kverify: expect=refuted kernel=score_then_sum block=128 grid=1
// A warp a row writes scores to global memory, and lane 0 adds them up with nothing to wait for the others.
__global__ void score_then_sum(const float* __restrict__ q, float* s, float* __restrict__ y) {
  const int lane = threadIdx.x % 32;
  const int row = threadIdx.x / 32;
  s[row * 32 + lane] = q[row] * q[lane];  // expect: race.global-read-write
  if (lane != 0) return;
  float sum = 0.0f;
  for (int j = 0; j < 32; ++j) {
    const float value = s[row * 32 + j];  // expect: race.global-read-write
    sum += value;
  }
  y[row] = sum;
}
