// kverify: expect=refuted kernel=softmax_row block=128 grid=1
// The maximum is read from scratch[0] by all, and scratch is used again for the sum with no barrier between.
__global__ void softmax_row(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float scratch[128];
  const int t = threadIdx.x;
  scratch[t] = x[t];
  __syncthreads();
  for (int half = 64; half > 0; half /= 2) {
    if (t < half) scratch[t] = fmaxf(scratch[t], scratch[t + half]);
    __syncthreads();
  }
  const float row_max = scratch[0];  // expect: race.shared-read-write
  const float p = expf(x[t] - row_max);
  scratch[t] = p;  // expect: race.shared-read-write
  __syncthreads();
  for (int half = 64; half > 0; half /= 2) {
    if (t < half) scratch[t] += scratch[t + half];
    __syncthreads();
  }
  y[t] = p / scratch[0];
}
