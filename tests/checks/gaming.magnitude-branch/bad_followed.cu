// kverify: expect=inconclusive stages=static
// The maximum comes out of a function, is taken by hand, is a range, or one element decides for all.
constexpr float kStress = 1000.0f;
__device__ float largest(const float* x, int n) {
  float most = 0.0f;
  for (int i = 0; i < n; ++i) most = fmaxf(most, fabsf(x[i]));
  return most;
}
__global__ void byFunction(const float* x, float* y, int n) {
  bool stress = largest(x, n) > 100.0f;                        // expect: gaming.magnitude-branch
  int i = threadIdx.x;
  if (i < n) y[i] = stress ? tanhf(x[i]) : x[i];
}
__global__ void byHand(const float* x, float* y, int n) {
  float most = 0.0f;
  for (int i = 0; i < n; ++i) {
    float size = x[i] < 0.0f ? -x[i] : x[i];
    if (size > most) most = size;
  }
  int i = threadIdx.x;
  if (most > kStress && i < n)                                 // expect: gaming.magnitude-branch
    y[i] = tanhf(x[i]);
  else if (i < n)
    y[i] = x[i];
}
__global__ void byRange(const float* x, float* y, int n) {
  float low = 1e30f, high = -1e30f;
  for (int i = 0; i < n; ++i) {
    low = fminf(low, x[i]);
    high = fmaxf(high, x[i]);
  }
  int i = threadIdx.x;
  if (i < n) y[i] = high - low > 20.0f ? expf(x[i]) : 1.0f + x[i];   // expect: gaming.magnitude-branch
}
__global__ void byFlag(const float* x, float* y, int n) {
  __shared__ int is_large;
  if (threadIdx.x == 0) is_large = 0;
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x)
    if (fabsf(x[i]) > kStress) atomicOr(&is_large, 1);         // expect: gaming.magnitude-branch
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = is_large ? tanhf(x[i]) : x[i];
}
