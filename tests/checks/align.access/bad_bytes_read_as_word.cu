// kverify: expect=refuted kernel=words block=32 grid=1 formal=unknown:where-the-array-starts
// The array's declaration is in sight, so a compiler knows that the word may lie anywhere. It is one instruction all the same.
__global__ void words(const unsigned char* __restrict__ x, int* __restrict__ y) {
  __shared__ unsigned char bytes[36];
  const int t = threadIdx.x;
  bytes[t] = x[t];
  if (t < 4)
    bytes[32 + t] = 0;
  __syncthreads();
  y[t] = *reinterpret_cast<int*>(&bytes[t]);  // expect: align.access
}
