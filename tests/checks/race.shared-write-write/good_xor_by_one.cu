// kverify: expect=certified kernel=flip_by_one block=128 grid=1
__global__ void flip_by_one(int* __restrict__ y) {
  __shared__ int s[256];
  const int t = threadIdx.x;
  int half = 0;
  for (int i = 0; i < 2; ++i) {
    s[2 * t + half] = i;
    half ^= 1;
  }
  __syncthreads();
  y[t] = s[t];
}
