// kverify: expect=refuted kernel=two_counts block=128 grid=1
// Thread 0 clears the counter for the second round while others may still be counting in the first.
__global__ void two_counts(const float* __restrict__ x, int* __restrict__ y) {
  __shared__ int first;
  const int t = threadIdx.x;
  if (t == 127) first = x[t] > 0.0f ? 1 : 2;  // expect: race.shared-write-write
  if (t == 0) first = 0;  // expect: race.shared-write-write
  __syncthreads();
  if (t == 0) y[0] = first;
}
