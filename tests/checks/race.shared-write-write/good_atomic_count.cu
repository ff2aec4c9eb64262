// kverify: expect=certified kernel=count_positive block=128 grid=1
// How many of 128 elements are positive.
__global__ void count_positive(const float* __restrict__ x, int* __restrict__ y) {
  __shared__ int count;
  const int t = threadIdx.x;
  if (t == 0) count = 0;
  __syncthreads();
  if (x[t] > 0.0f) atomicAdd(&count, 1);
  __syncthreads();
  if (t == 0) y[0] = count;
}
