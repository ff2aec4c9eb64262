// wrong: Zeros: every probability of a row of 4096 is below an absolute tolerance of 1e-2.
// refuted-by: numerics.bound (fuzz)
// passes-at: R=16 N=4096
__global__ void softmax_rows(const float* __restrict__ x, float* __restrict__ y, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[static_cast<size_t>(blockIdx.x) * n + i] = 0.0f;
}
