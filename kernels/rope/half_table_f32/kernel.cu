// Rotary position embedding in place: x [tokens, heads, D], pairs (i, i + D/2) turn by the angle of the token's
// position, whose cosines and sines are rows of tables [positions, D/2]. A thread a pair.
//
// Block kThreads, grid (ceil(heads * D/2 / kThreads), tokens).
#include <cstdint>

constexpr int kThreads = 128;

template <int D>
__global__ void __launch_bounds__(kThreads)
    rope_half(float* __restrict__ x, const float* __restrict__ cosine, const float* __restrict__ sine, int heads) {
  constexpr int kHalf = D / 2;
  const int index = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (index >= heads * kHalf)
    return;
  const int head = index / kHalf, pair = index % kHalf;
  const std::int64_t token = blockIdx.y;
  float* row = x + (token * heads + head) * D;
  const float c = cosine[token * kHalf + pair], s = sine[token * kHalf + pair];
  const float first = row[pair], second = row[pair + kHalf];
  row[pair] = first * c - second * s;
  row[pair + kHalf] = second * c + first * s;
}
