// mma.sync with 8-bit integers: exact products and sums in 32 bits, wrapping, or clamped once at the end (.satfinite).
#include <algorithm>
#include <limits>

#include "simt/warp_ops/fragments.h"
#include "simt/warp_ops/operations.h"

namespace kverify::simt::warp_ops {
namespace {

template <bool Signed>
std::int32_t widen(std::uint32_t bits) {
  return Signed ? static_cast<std::int8_t>(bits) : static_cast<std::int32_t>(bits);
}

template <int M, int K, bool SignedA, bool SignedB, bool Saturate>
void multiply(const void* const in[32], void* const out[32], std::uint32_t mask) {
  if (mask != kWholeWarp)
    return;
  constexpr int kA = M * K / 128, kB = K * 8 / 128, kC = M * 8 / 32;
  std::int32_t a[16][K] = {}, b[K][8];
  for (int lane = 0; lane < 32; ++lane) {
    for (int r = 0; r < kA; ++r) {
      const int row = M == 8 ? lane / 4 : lane / 4 + 8 * (r % 2), column = 16 * (M == 8 ? r : r / 2) + 4 * (lane % 4);
      for (int i = 0; i < 4; ++i)
        a[row][column + i] = widen<SignedA>(wordOf(in[lane], r) >> (8 * i) & 0xff);
    }
  }
  forEachB<K, 4>(in, kA, [&](int k, int n, std::uint32_t bits) { b[k][n] = widen<SignedB>(bits); });
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < kC; ++i) {
      const int row = lane / 4 + 8 * (i / 2), column = 2 * (lane % 4) + i % 2;
      std::int64_t sum = static_cast<std::int32_t>(wordOf(in[lane], kA + kB + i));
      for (int k = 0; k < K; ++k)
        sum += a[row][k] * b[k][column];
      if (Saturate) {
        sum = std::clamp<std::int64_t>(sum, std::numeric_limits<std::int32_t>::min(),
                                       std::numeric_limits<std::int32_t>::max());
      }
      setWord(out[lane], i, static_cast<std::uint32_t>(sum));
    }
  }
}

#define KV_INTEGER_PRODUCT(M, K, A, B, SIGNED_A, SIGNED_B)                                                             \
  {"mma.m" #M "n8k" #K ".row.col.s32." #A "." #B ".s32", (M * K + K * 8) / 32 + M, M,                                  \
   multiply<M, K, SIGNED_A, SIGNED_B, false>},                                                                         \
  {                                                                                                                    \
    "mma.m" #M "n8k" #K ".row.col.satfinite.s32." #A "." #B ".s32", (M * K + K * 8) / 32 + M, M,                       \
        multiply<M, K, SIGNED_A, SIGNED_B, true>                                                                       \
  }
#define KV_INTEGER_SHAPE(M, K)                                                                                         \
  KV_INTEGER_PRODUCT(M, K, s8, s8, true, true), KV_INTEGER_PRODUCT(M, K, u8, u8, false, false),                        \
      KV_INTEGER_PRODUCT(M, K, s8, u8, true, false), KV_INTEGER_PRODUCT(M, K, u8, s8, false, true)

} // namespace

void addIntegerProducts(std::vector<Entry>& table) {
  table.insert(table.end(), {KV_INTEGER_SHAPE(16, 16), KV_INTEGER_SHAPE(16, 32), KV_INTEGER_SHAPE(8, 16)});
}

} // namespace kverify::simt::warp_ops
