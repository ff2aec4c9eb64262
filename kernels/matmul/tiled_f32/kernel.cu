// D = gelu(A B + bias) with A [m, k], B [k, n], bias [n], D [m, n], row-major: tiles of both operands in shared memory,
// a thread an element of D. gelu(x) = x/2 (1 + erf(x / sqrt 2)).
//
// Block (kTile, kTile), grid (ceil(n / kTile), ceil(m / kTile)).
#include <cstdint>

constexpr int kTile = 16;

__global__ void __launch_bounds__(kTile* kTile)
    matmul_tiled(const float* __restrict__ a, const float* __restrict__ b, const float* __restrict__ bias,
                 float* __restrict__ d, int m, int n, int k) {
  __shared__ float a_tile[kTile][kTile];
  __shared__ float b_tile[kTile][kTile + 1]; // a column more: no two rows start in one bank

  const int tx = static_cast<int>(threadIdx.x), ty = static_cast<int>(threadIdx.y);
  const int row = static_cast<int>(blockIdx.y) * kTile + ty;
  const int column = static_cast<int>(blockIdx.x) * kTile + tx;

  float sum = 0.0f;
  for (int first = 0; first < k; first += kTile) {
    // Past the edges the tiles hold zeros, which add nothing.
    a_tile[ty][tx] = row < m && first + tx < k ? a[static_cast<std::int64_t>(row) * k + first + tx] : 0.0f;
    b_tile[ty][tx] = first + ty < k && column < n ? b[static_cast<std::int64_t>(first + ty) * n + column] : 0.0f;
    __syncthreads(); // the tiles are complete
#pragma unroll
    for (int e = 0; e < kTile; ++e)
      sum += a_tile[ty][e] * b_tile[e][tx];
    __syncthreads(); // everyone has read them: the next ones may overwrite them
  }
  if (row < m && column < n) {
    const float x = sum + bias[column];
    d[static_cast<std::int64_t>(row) * n + column] = 0.5f * x * (1.0f + erff(x * 0.70710678f));
  }
}
