// kverify: expect=refuted kernel=top_two block=32 grid=1
// A helper returns the address of its own local array.
__device__ const float* sorted(float a, float b) {
  float pair[2];
  pair[0] = a < b ? a : b;
  pair[1] = a < b ? b : a;
  return pair;
}

__global__ void top_two(const float* __restrict__ x, float* __restrict__ y) {
  const int t = threadIdx.x;
  const float* pair = sorted(x[2 * t], x[2 * t + 1]);
  y[t] = pair[t & 1];  // expect: bounds.local
}
