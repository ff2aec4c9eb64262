// kverify: expect=certified kernel=two_counts block=128 grid=1
// Two counts, one after the other, in the same counter.
__global__ void two_counts(const float* __restrict__ x, int* __restrict__ y) {
  __shared__ int counter;
  const int t = threadIdx.x;
  for (int round = 0; round < 2; ++round) {
    if (t == 0) counter = 0;
    __syncthreads();
    if (x[round * 128 + t] > 0.0f) atomicAdd(&counter, 1);
    __syncthreads();
    if (t == 0) y[round] = counter;
  }
}
