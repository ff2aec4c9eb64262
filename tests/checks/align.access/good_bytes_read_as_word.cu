// kverify: expect=certified kernel=words block=32 grid=1
// Every fourth byte begins a word.
__global__ void words(const unsigned char* __restrict__ x, int* __restrict__ y) {
  __shared__ __align__(4) unsigned char bytes[128];
  const int t = threadIdx.x;
  for (int i = 0; i < 4; ++i)
    bytes[4 * t + i] = x[4 * t + i];
  __syncthreads();
  y[t] = *reinterpret_cast<int*>(&bytes[4 * t]);
}
