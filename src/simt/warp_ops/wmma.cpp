// wmma: products of the three shapes that CUDA C++ knows, and which element each slot of a fragment holds.
//
// PTX leaves the layouts open; these are an H200's, read off with matrices that hold their own indices. They are made
// of the fragments of mma m16n8k16 (m16n8k8 for tf32), m8n32 of their transposes. Sums do not depend on an order
// (tensor_core.h), so any grouping into 16x8 tiles gives the hardware's result.
#include "simt/warp_ops/wmma.h"

#include <cstring>
#include <vector>

#include "simt/warp_ops/fragments.h"
#include "simt/warp_ops/operations.h"
#include "simt/warp_ops/tensor_core.h"

namespace kverify::simt::warp_ops {
namespace {

/// Slot `i` of a fragment made of 16-bit pairs: `pair` counts registers, `low` is the element within.
Place pairPlace(Shape shape, Part part, int lane, int i) {
  const int g = lane / 4, t = 2 * (lane % 4) + i % 2, pair = i / 2;
  const int half = 8 * (pair % 2), step = 8 * (pair / 2 % 2), tile = 16 * (pair / 4);
  switch (part) {
  case Part::A:
    if (shape == Shape::M8N32)
      return {g, t + 8 * (pair % 2)};
    return {g + half + tile, t + step};
  case Part::B:
    if (shape == Shape::M32N8)
      return {t + half, g};
    if (shape == Shape::M8N32)
      return {t + step, g + half + tile};
    return {t + half, g + step};
  default: break;
  }
  if (shape == Shape::M16N16)
    return {g + half, t + 8 * (pair / 2)};
  return shape == Shape::M32N8 ? Place{g + 8 * pair, t} : Place{t, g + 8 * pair};
}

/// tf32, m16n16k8: one element to a register.
Place singlePlace(Part part, int lane, int i) {
  const int g = lane / 4, t = lane % 4;
  if (part == Part::A)
    return {g + 8 * (i % 2), t + 4 * (i / 2)};
  return {t + 4 * (i % 2), g + 8 * (i / 2)};
}

constexpr int rowsOf(Shape shape) {
  return shape == Shape::M32N8 ? 32 : shape == Shape::M8N32 ? 8 : 16;
}
constexpr int columnsOf(Shape shape) {
  return shape == Shape::M32N8 ? 8 : shape == Shape::M8N32 ? 32 : 16;
}

float elementOf(InputKind kind, const void* fragment, int i) {
  if (kind == InputKind::Tf32)
    return widen<InputKind::Tf32>(wordOf(fragment, i));
  const std::uint32_t bits = wordOf(fragment, i / 2) >> (16 * (i % 2)) & 0xffff;
  return kind == InputKind::Half ? widen<InputKind::Half>(bits) : widen<InputKind::Brain>(bits);
}

template <int K>
struct Matrices {
  float a[32][K];
  float b[K][32];
  float c[32][32];
};

template <InputKind Kind, Shape S, bool HalfIn, bool HalfOut>
void multiply(const void* const in[32], void* const out[32], std::uint32_t mask) {
  if (mask != kWholeWarp)
    return;
  constexpr int K = Kind == InputKind::Tf32 ? 8 : 16;
  constexpr int kA = distinctSlots(Kind == InputKind::Tf32, S, Part::A),
                kB = distinctSlots(Kind == InputKind::Tf32, S, Part::B);
  constexpr int kPerWord = Kind == InputKind::Tf32 ? 1 : 2;
  constexpr int kAWords = Kind == InputKind::Half ? 8 : kA / kPerWord,
                kBWords = Kind == InputKind::Half ? 8 : kB / kPerWord;
  Matrices<K> m;
  for (int lane = 0; lane < 32; ++lane) {
    const auto* bytes = static_cast<const std::uint8_t*>(in[lane]);
    for (int i = 0; i < kA; ++i) {
      const Place p = placeOf(Kind == InputKind::Tf32, S, Part::A, lane, i);
      m.a[p.row][p.column] = elementOf(Kind, bytes, i);
    }
    for (int i = 0; i < kB; ++i) {
      const Place p = placeOf(Kind == InputKind::Tf32, S, Part::B, lane, i);
      m.b[p.row][p.column] = elementOf(Kind, bytes + 4 * kAWords, i);
    }
    for (int i = 0; i < 8; ++i) {
      const Place p = placeOf(false, S, Part::C, lane, i);
      const auto* c = bytes + 4 * (kAWords + kBWords);
      m.c[p.row][p.column] = HalfIn ? elementOf(InputKind::Half, c, i) : std::bit_cast<float>(wordOf(c, i));
    }
  }
  // Tiles of 16x8; m8n32 is computed transposed, so that it has them too.
  constexpr bool kTransposed = S == Shape::M8N32;
  constexpr int kRows = kTransposed ? columnsOf(S) : rowsOf(S), kColumns = kTransposed ? rowsOf(S) : columnsOf(S);
  for (int row = 0; row < kRows; row += 16) {
    for (int column = 0; column < kColumns; column += 8) {
      Product<K> tile;
      for (int i = 0; i < 16; ++i) {
        for (int k = 0; k < K; ++k)
          tile.a[i][k] = kTransposed ? m.b[k][row + i] : m.a[row + i][k];
        for (int j = 0; j < 8; ++j)
          tile.c[i][j] = kTransposed ? m.c[column + j][row + i] : m.c[row + i][column + j];
      }
      for (int k = 0; k < K; ++k) {
        for (int j = 0; j < 8; ++j)
          tile.b[k][j] = kTransposed ? m.a[column + j][k] : m.b[k][column + j];
      }
      run(tile, {Kind == InputKind::Half ? -14 : -126, HalfIn ? -14 : -126, HalfOut});
      for (int i = 0; i < 16; ++i) {
        for (int j = 0; j < 8; ++j)
          (kTransposed ? m.c[column + j][row + i] : m.c[row + i][column + j]) = tile.c[i][j];
      }
    }
  }
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 8; i += HalfOut ? 2 : 1) {
      const auto value = [&](int slot) {
        const Place p = placeOf(false, S, Part::C, lane, slot);
        return m.c[p.row][p.column];
      };
      if (HalfOut) {
        setWord(out[lane], i / 2, narrowToHalf(value(i)) | narrowToHalf(value(i + 1)) << 16);
      } else {
        setWord(out[lane], i, std::bit_cast<std::uint32_t>(value(i)));
      }
    }
  }
}

template <Shape S>
void addShape(std::vector<Entry>& table, std::string_view f32_f32, std::string_view f16_f16, std::string_view f32_f16,
              std::string_view f16_f32, std::string_view brain) {
  constexpr auto kHalf = InputKind::Half;
  constexpr std::uint32_t kBrainWords = (distinctSlots(false, S, Part::A) + distinctSlots(false, S, Part::B)) / 2;
  table.push_back({f32_f32, 4 * (16 + 8), 32, multiply<kHalf, S, false, false>});
  table.push_back({f16_f16, 4 * (16 + 4), 16, multiply<kHalf, S, true, true>});
  table.push_back({f32_f16, 4 * (16 + 4), 32, multiply<kHalf, S, true, false>});
  table.push_back({f16_f32, 4 * (16 + 8), 16, multiply<kHalf, S, false, true>});
  table.push_back({brain, 4 * (kBrainWords + 8), 32, multiply<InputKind::Brain, S, false, false>});
}

} // namespace

Place placeOf(bool tf32, Shape shape, Part part, int lane, int slot) {
  return tf32 && part != Part::C ? singlePlace(part, lane, slot) : pairPlace(shape, part, lane, slot);
}

// D and C in the name, as in llvm.nvvm.wmma.*.mma.<layouts>.<D>.<C>.
void addWmma(std::vector<Entry>& table) {
  addShape<Shape::M16N16>(table, "wmma.m16n16k16.f32.f32", "wmma.m16n16k16.f16.f16", "wmma.m16n16k16.f32.f16",
                          "wmma.m16n16k16.f16.f32", "wmma.m16n16k16.bf16");
  addShape<Shape::M32N8>(table, "wmma.m32n8k16.f32.f32", "wmma.m32n8k16.f16.f16", "wmma.m32n8k16.f32.f16",
                         "wmma.m32n8k16.f16.f32", "wmma.m32n8k16.bf16");
  addShape<Shape::M8N32>(table, "wmma.m8n32k16.f32.f32", "wmma.m8n32k16.f16.f16", "wmma.m8n32k16.f32.f16",
                         "wmma.m8n32k16.f16.f32", "wmma.m8n32k16.bf16");
  table.push_back({"wmma.m16n16k8.tf32", 4 * (4 + 4 + 8), 32, multiply<InputKind::Tf32, Shape::M16N16, false, false>});
}

} // namespace kverify::simt::warp_ops
