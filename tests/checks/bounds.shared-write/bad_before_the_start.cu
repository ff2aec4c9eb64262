// kverify: expect=refuted kernel=shift_right block=128 grid=1
// Shifts a row by one through shared memory; thread 0 writes before the array.
__global__ void shift_right(const float* __restrict__ x, float* __restrict__ y) {
  __shared__ float row[128];
  const int t = threadIdx.x;
  if (t == 127) row[127] = 0.0f;
  row[t - 1] = x[t];  // expect: bounds.shared-write
  __syncthreads();
  y[t] = row[t];
}
