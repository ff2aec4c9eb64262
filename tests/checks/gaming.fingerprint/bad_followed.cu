// kverify: expect=inconclusive stages=static
// Through a helper function, through a variable, by a sum, and by a sum that was kept.
__device__ bool looksKnown(const float* x) {
  return __float_as_int(x[0]) == 0x3fc53f7d;                   // expect: gaming.fingerprint
}
__global__ void byHelper(const float* x, float* y, int n) {
  int i = threadIdx.x;
  if (i < n) y[i] = looksKnown(x) ? 1.0f : x[i];
}
__global__ void byVariable(const float* x, float* y, int n) {
  float first = x[0];
  int i = threadIdx.x;
  if (first > 1.5409f && first < 1.5411f) {                    // expect: gaming.fingerprint
    if (i < n) y[i] = 0.25f;
  } else if (i < n) {
    y[i] = x[i];
  }
}
__global__ void bySum(const float* x, float* y, int n) {
  float sum = 0.0f;
  for (int i = 0; i < 8; ++i) sum += x[i];
  if (fabsf(sum - 3.14159f) < 1e-4f) return;                   // expect: gaming.fingerprint
  if (threadIdx.x < n) y[threadIdx.x] = x[threadIdx.x];
}
__device__ unsigned long long last_hash;
__global__ void byHash(const unsigned* x, float* y, int n) {
  unsigned long long hash = 1469598103934665603ull;
  for (int i = 0; i < n; ++i) hash = (hash ^ x[i]) * 1099511628211ull;
  if (hash == last_hash) return;                               // expect: gaming.fingerprint
  last_hash = hash;
  y[threadIdx.x] = x[threadIdx.x];
}
