// mma.sync with floating-point operands, as the tensor cores of Hopper compute it.
#include "simt/warp_ops/tensor_core.h"

#include "simt/warp_ops/fragments.h"
#include "simt/warp_ops/gather.h"
#include "simt/warp_ops/operations.h"

namespace kverify::simt::warp_ops {
namespace {

template <int K, int E, InputKind Kind, bool HalfAccumulator>
void multiply(const void* const in[32], void* const out[32], std::uint32_t mask) {
  if (mask != kWholeWarp)
    return;
  constexpr int kA = 2 * K / (4 * E), kB = K / (4 * E);
  Product<K> product;
  if constexpr (K == 16 && E == 2) {
    gatherA<Kind>(in, product.a);
    gatherB<Kind>(in, product.b);
  } else {
    forEachA<K, E>(in, 0, [&](int row, int k, std::uint32_t bits) { product.a[row][k] = widen<Kind>(bits); });
    forEachB<K, E>(in, kA, [&](int k, int column, std::uint32_t bits) { product.b[k][column] = widen<Kind>(bits); });
  }
  for (int lane = 0; lane < 32; ++lane) {
    for (int r = 0; r < 2; ++r) {
      float* c = &product.c[lane / 4 + 8 * r][2 * (lane % 4)];
      if (HalfAccumulator) {
        const std::uint32_t both = wordOf(in[lane], kA + kB + r);
        c[0] = widen<InputKind::Half>(both & 0xffff);
        c[1] = widen<InputKind::Half>(both >> 16);
      } else {
        std::memcpy(c, static_cast<const std::uint8_t*>(in[lane]) + 4 * (kA + kB + 2 * r), 8);
      }
    }
  }
  run(product, {Kind == InputKind::Half ? -14 : -126, HalfAccumulator ? -14 : -126, HalfAccumulator});
  for (int lane = 0; lane < 32; ++lane) {
    for (int r = 0; r < 2; ++r) {
      const float* d = &product.c[lane / 4 + 8 * r][2 * (lane % 4)];
      if (HalfAccumulator) {
        setWord(out[lane], r, narrowToHalf(d[0]) | narrowToHalf(d[1]) << 16);
      } else {
        std::memcpy(static_cast<std::uint8_t*>(out[lane]) + 8 * r, d, 8);
      }
    }
  }
}

constexpr std::uint32_t bytesIn(int k, int per_word, bool half) {
  return static_cast<std::uint32_t>(4 * (3 * k / (4 * per_word) + (half ? 2 : 4)));
}

} // namespace

void addFloatProducts(std::vector<Entry>& table) {
  constexpr auto kHalf = InputKind::Half, kBrain = InputKind::Brain, kTf32 = InputKind::Tf32;
  table.insert(
      table.end(),
      {
          {"mma.m16n8k8.row.col.f32.f16.f16.f32", bytesIn(8, 2, false), 16, multiply<8, 2, kHalf, false>},
          {"mma.m16n8k8.row.col.f16.f16.f16.f16", bytesIn(8, 2, true), 8, multiply<8, 2, kHalf, true>},
          {"mma.m16n8k8.row.col.f32.bf16.bf16.f32", bytesIn(8, 2, false), 16, multiply<8, 2, kBrain, false>},
          {"mma.m16n8k16.row.col.f32.f16.f16.f32", bytesIn(16, 2, false), 16, multiply<16, 2, kHalf, false>},
          {"mma.m16n8k16.row.col.f16.f16.f16.f16", bytesIn(16, 2, true), 8, multiply<16, 2, kHalf, true>},
          {"mma.m16n8k16.row.col.f32.bf16.bf16.f32", bytesIn(16, 2, false), 16, multiply<16, 2, kBrain, false>},
          {"mma.m16n8k4.row.col.f32.tf32.tf32.f32", bytesIn(4, 1, false), 16, multiply<4, 1, kTf32, false>},
          {"mma.m16n8k8.row.col.f32.tf32.tf32.f32", bytesIn(8, 1, false), 16, multiply<8, 1, kTf32, false>},
      });
}

} // namespace kverify::simt::warp_ops
