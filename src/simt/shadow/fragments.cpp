#include "simt/shadow/fragments.h"

#include <array>
#include <cstring>
#include <mutex>

#include "simt/shadow/cell.h"
#include "simt/warp_ops/warp_ops.h"
#include "simt/warp_ops/wmma.h"

namespace kverify::simt::shadow {
namespace {

bool has(std::string_view name, std::string_view word) {
  return name.find(word) != std::string_view::npos;
}

std::uint32_t factorOf(std::string_view name) {
  return has(name, "bf16") ? kBf16 : has(name, "tf32") ? kF32 : kF16;
}

Slot slotAt(int lane, int byte) {
  return {static_cast<std::uint8_t>(lane), static_cast<std::uint16_t>(byte)};
}

std::size_t at(int row, int columns, int column) {
  return static_cast<std::size_t>(row * columns + column);
}

/// mma.m16n8kK: see warp_ops/fragments.h for the formulas.
ProductLayout mmaLayout(std::string_view name) {
  ProductLayout p;
  p.factor = factorOf(name);
  p.m = 16, p.n = 8, p.k = has(name, "k16") ? 16 : has(name, "k8") ? 8 : 4;
  bool half = has(name, ".f16.f16.f16.f16");
  p.addend = p.result = half ? kF16 : kF32;
  const int e = p.factor == kF32 ? 1 : 2, bytes = 4 / e;
  const int a_words = 2 * p.k / (4 * e), b_words = p.k / (4 * e);
  p.a.resize(at(p.m, p.k, 0)), p.b.resize(at(p.k, p.n, 0)), p.c.resize(at(p.m, p.n, 0)), p.d.resize(at(p.m, p.n, 0));
  for (int lane = 0; lane < 32; ++lane) {
    const int g = lane / 4, t = lane % 4;
    for (int r = 0; r < a_words; ++r)
      for (int i = 0; i < e; ++i)
        p.a[at(g + 8 * (r % 2), p.k, 4 * e * (r / 2) + e * t + i)] = slotAt(lane, 4 * r + bytes * i);
    for (int r = 0; r < b_words; ++r)
      for (int i = 0; i < e; ++i)
        p.b[at(4 * e * r + e * t + i, p.n, g)] = slotAt(lane, 4 * (a_words + r) + bytes * i);
    for (int r = 0; r < 2; ++r)
      for (int i = 0; i < 2; ++i) {
        const int byte = half ? 4 * r + 2 * i : 8 * r + 4 * i;
        p.c[at(g + 8 * r, p.n, 2 * t + i)] = slotAt(lane, 4 * (a_words + b_words) + byte);
        p.d[at(g + 8 * r, p.n, 2 * t + i)] = slotAt(lane, byte);
      }
  }
  return p;
}

ProductLayout wmmaLayout(std::string_view name, const warp_ops::Entry& entry) {
  using warp_ops::Part;
  using warp_ops::Shape;
  ProductLayout p;
  p.factor = factorOf(name);
  const bool tf32 = p.factor == kF32;
  const Shape shape = has(name, "m32n8") ? Shape::M32N8 : has(name, "m8n32") ? Shape::M8N32 : Shape::M16N16;
  p.m = shape == Shape::M32N8 ? 32 : shape == Shape::M8N32 ? 8 : 16;
  p.n = shape == Shape::M32N8 ? 8 : shape == Shape::M8N32 ? 32 : 16;
  p.k = tf32 ? 8 : 16;
  // The name ends in the types of D and C.
  p.addend = name.ends_with(".f16") ? kF16 : kF32;
  p.result = entry.out_bytes == 16 ? kF16 : kF32;
  const int bytes = tf32 ? 4 : 2;
  const int a_slots = warp_ops::distinctSlots(tf32, shape, Part::A), b_slots = warp_ops::distinctSlots(tf32, shape, Part::B);
  const int a_bytes = p.factor == kF16 ? 32 : a_slots * bytes, b_bytes = p.factor == kF16 ? 32 : b_slots * bytes;
  p.a.resize(at(p.m, p.k, 0)), p.b.resize(at(p.k, p.n, 0)), p.c.resize(at(p.m, p.n, 0)), p.d.resize(at(p.m, p.n, 0));
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < a_slots; ++i) {
      auto place = warp_ops::placeOf(tf32, shape, Part::A, lane, i);
      p.a[at(place.row, p.k, place.column)] = slotAt(lane, bytes * i);
    }
    for (int i = 0; i < b_slots; ++i) {
      auto place = warp_ops::placeOf(tf32, shape, Part::B, lane, i);
      p.b[at(place.row, p.n, place.column)] = slotAt(lane, a_bytes + bytes * i);
    }
    for (int i = 0; i < 8; ++i) {
      auto place = warp_ops::placeOf(false, shape, Part::C, lane, i);
      p.c[at(place.row, p.n, place.column)] =
          slotAt(lane, a_bytes + b_bytes + i * static_cast<int>(bytesOf(p.addend)));
      p.d[at(place.row, p.n, place.column)] = slotAt(lane, i * static_cast<int>(bytesOf(p.result)));
    }
  }
  return p;
}

ProductLayout productLayout(const warp_ops::Entry& entry) {
  if (entry.name.starts_with("wmma."))
    return wmmaLayout(entry.name, entry);
  if (entry.name.starts_with("mma.") && !has(entry.name, "s32"))
    return mmaLayout(entry.name);
  return {};
}

/// The operation itself is run on elements that hold their own place.
ExchangeLayout exchangeLayout(const warp_ops::Entry& entry) {
  ExchangeLayout layout;
  if (!has(entry.name, "matrix"))
    return layout;
  const std::uint32_t in_halves = entry.in_bytes / 2;
  layout.out_halves = entry.out_bytes / 2;
  std::vector<std::uint16_t> in(32 * in_halves), out(32 * layout.out_halves);
  const void* sources[32];
  void* results[32];
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    for (std::uint32_t i = 0; i < in_halves; ++i)
      in[lane * in_halves + i] = static_cast<std::uint16_t>(lane * in_halves + i + 1);
    sources[lane] = &in[lane * in_halves];
    results[lane] = &out[lane * layout.out_halves];
  }
  entry.run(sources, results, ~0u);
  for (std::uint16_t place : out)
    layout.from.push_back(place == 0 ? slotAt(255, 0)
                                     : slotAt(static_cast<int>((place - 1u) / in_halves),
                                              static_cast<int>(2 * ((place - 1u) % in_halves))));
  return layout;
}

struct Layouts {
  std::vector<ProductLayout> products;
  std::vector<ExchangeLayout> exchanges;
};

const Layouts& layouts() {
  static const Layouts all = [] {
    Layouts out;
    for (const warp_ops::Entry& entry : warp_ops::table()) {
      out.products.push_back(productLayout(entry));
      out.exchanges.push_back(exchangeLayout(entry));
    }
    return out;
  }();
  return all;
}

} // namespace

const ProductLayout& layoutOf(std::uint32_t operation) {
  return layouts().products[operation];
}
const ExchangeLayout& exchangeOf(std::uint32_t operation) {
  return layouts().exchanges[operation];
}

} // namespace kverify::simt::shadow
