// Softmax of every row of x [rows, n] into y [rows, n]: a warp a row. Each lane keeps a running maximum and a sum
// relative to it (Milakov and Gimelshein 2018), the lanes merge theirs by shuffles, and a second pass writes. A row of
// -inf gives zeros.
//
// Block 32 * kWarps, grid ceil(rows / kWarps).
#include <cstdint>

constexpr int kWarps = 4;
constexpr unsigned kAll = 0xffffffffu;

__global__ void __launch_bounds__(32 * kWarps)
    softmax_online_warp(const float* __restrict__ x, float* __restrict__ y, std::int64_t rows, int n) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kWarps + threadIdx.x / 32;
  if (row >= rows)
    return; // whole warps: there is no barrier below, and every shuffle has all its lanes

  const float* in = x + row * n;
  float* out = y + row * n;

  float lane_max = -INFINITY;
  float lane_sum = 0.0f;
  for (int j = lane; j < n; j += 32) {
    const float value = in[j];
    const float new_max = fmaxf(lane_max, value);
    const float shift = new_max == -INFINITY ? 0.0f : new_max;
    lane_sum = lane_sum * __expf(lane_max - shift) + __expf(value - shift);
    lane_max = new_max;
  }

  float row_max = lane_max;
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2)
    row_max = fmaxf(row_max, __shfl_xor_sync(kAll, row_max, offset));
  const float shift = row_max == -INFINITY ? 0.0f : row_max; // exp(-inf - 0) = 0
  float row_sum = lane_sum * __expf(lane_max - shift);
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2)
    row_sum += __shfl_xor_sync(kAll, row_sum, offset);

  const float inverse = row_sum == 0.0f ? 0.0f : 1.0f / row_sum;
  for (int j = lane; j < n; j += 32)
    out[j] = __expf(in[j] - shift) * inverse;
}
