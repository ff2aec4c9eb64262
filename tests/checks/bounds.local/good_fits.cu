// kverify: expect=certified kernel=columns contract
// Each thread keeps d / 32 columns of an output row in a local array; d is an argument: the array is indexed at run
// time.
constexpr int kMax = 4;

__global__ void columns(const float* __restrict__ v, float* __restrict__ o, int n, int d) {
  float acc[kMax];
  const int own = d / 32;
  for (int i = 0; i < own; ++i) acc[i] = 0.0f;
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < own; ++i) acc[i] += v[j * d + threadIdx.x + 32 * i];
  for (int i = 0; i < own; ++i) o[threadIdx.x + 32 * i] = acc[i];
}
