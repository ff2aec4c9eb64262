// kverify: expect=inconclusive kernel=pick contract stages=formal
// That writes of one value are tolerated does not help where nobody knows the values.
__global__ void pick(const float* __restrict__ x, float* __restrict__ y, int n) {
  if (threadIdx.x < n && x[threadIdx.x] > 2.0f) y[0] = floorf(x[threadIdx.x]);
}
