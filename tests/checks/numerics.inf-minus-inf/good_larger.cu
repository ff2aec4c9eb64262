// kverify: expect=inconclusive stages=static
// What is more than something else is no minus infinity; and nothing is done where it is not.
__global__ void lanes(const float* x, float* y, int n) {
  float most = -INFINITY, sum = 0.0f;
  for (int j = threadIdx.x; j < n; j += 32) {
    if (x[j] > most) most = x[j];
    sum += 1.0f;
  }
  for (int offset = 16; offset > 0; offset >>= 1) {
    float other_most = __shfl_xor_sync(0xffffffffu, most, offset), other_sum = __shfl_xor_sync(0xffffffffu, sum, offset);
    if (other_most > most) {
      sum = sum * expf(most - other_most) + other_sum;
      most = other_most;
    }
  }
  y[threadIdx.x] = most + sum;
}
