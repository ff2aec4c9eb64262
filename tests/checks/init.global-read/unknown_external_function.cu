// kverify: expect=inconclusive kernel=consume contract
// Whether the function in another file fills the scratch row before it is read cannot be seen here.
extern __device__ void fillRow(float* row, int n);

__global__ void consume(float* __restrict__ scratch, float* __restrict__ y, int n) {
  const int i = threadIdx.x;
  if (i == 0) fillRow(scratch, n);
  __syncthreads();
  if (i < n) y[i] = scratch[i];
}
