// kverify: expect=refuted kernel=flip_by_thread block=128 grid=1
// Meant to go back and forth between two halves; every thread flips by a number of its own, and they meet.
__global__ void flip_by_thread(int* __restrict__ y) {
  __shared__ int s[512];
  const int t = threadIdx.x;
  for (int i = t; i < 512; i += 128) s[i] = 0;
  __syncthreads();
  int half = 0;
  for (int i = 0; i < 2; ++i) {
    s[(2 * t + half) & 511] = i;  // expect: race.shared-write-write
    half ^= t + 1;
  }
  __syncthreads();
  y[t] = s[t];
}
