// kverify: expect=certified kernel=reverse block=128 grid=1
// Reverses 128 elements in place, through global memory alone.
__global__ void reverse(float* x) {
  const int t = threadIdx.x;
  const float value = x[127 - t];
  __syncthreads();
  x[t] = value;
}
