// Layer normalisation of every row of x [rows, n]: y = (x - mean) / sqrt(variance + eps) * gamma + beta. A warp a row,
// the mean and the biased variance in one pass by Welford's recurrence, the lanes merged pairwise by shuffles (Chan et
// al. 1983).
//
// Block 32 * kWarps, grid ceil(rows / kWarps).
#include <cstdint>

constexpr int kWarps = 4;
constexpr unsigned kAll = 0xffffffffu;

struct Moments {
  float count;
  float mean;
  float m2; // sum of the squared distances from the mean
};

__device__ __forceinline__ Moments merge(Moments a, Moments b) {
  const float count = a.count + b.count;
  if (count == 0.0f)
    return a; // two lanes without an element
  const float delta = b.mean - a.mean;
  const float weight = b.count / count;
  return {count, a.mean + delta * weight, a.m2 + b.m2 + delta * delta * a.count * weight};
}

__global__ void __launch_bounds__(32 * kWarps)
    layer_norm_welford_warp(const float* __restrict__ x, const float* __restrict__ gamma,
                            const float* __restrict__ beta, float* __restrict__ y, std::int64_t rows, int n,
                            float eps) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kWarps + threadIdx.x / 32;
  if (row >= rows)
    return; // whole warps: there is no barrier below, and every shuffle has all its lanes

  const float* in = x + row * n;
  float* out = y + row * n;

  Moments own = {0.0f, 0.0f, 0.0f};
  for (int j = lane; j < n; j += 32) {
    const float value = in[j];
    own.count += 1.0f;
    const float delta = value - own.mean;
    own.mean += delta / own.count;
    own.m2 += delta * (value - own.mean);
  }
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2) {
    const Moments other = {__shfl_xor_sync(kAll, own.count, offset), __shfl_xor_sync(kAll, own.mean, offset),
                           __shfl_xor_sync(kAll, own.m2, offset)};
    own = merge(own, other);
  }

  // Merging in mirrored order rounds differently in the two partners: all lanes take lane 0's result.
  const float mean = __shfl_sync(kAll, own.mean, 0);
  const float variance = __shfl_sync(kAll, own.m2, 0) / static_cast<float>(n);
  const float inverse = rsqrtf(variance + eps);

  for (int j = lane; j < n; j += 32)
    out[j] = (in[j] - mean) * inverse * gamma[j] + beta[j];
}
