// kverify: expect=refuted kernel=any_large block=128 grid=1
// Every thread that sees a large element leaves its index: which one stays is luck.
__global__ void any_large(const float* __restrict__ x, int* __restrict__ y) {
  __shared__ int where;
  const int t = threadIdx.x;
  if (t == 0) where = -1;
  __syncthreads();
  if (x[t] > -100.0f) where = t;  // expect: race.shared-write-write
  __syncthreads();
  if (t == 0) y[0] = where;
}
