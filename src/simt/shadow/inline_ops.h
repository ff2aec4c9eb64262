#pragma once
// The functions that lower/shadow.cpp calls, over one domain: struct Domain with the fast paths, defined by the file
// that includes this. Clang emits them as bitcode at build time; they are inlined into kernels.
//
// `origin` is where the cell of address 0 would be, `granule` the base-2 logarithm of a granule's bytes.
#include "simt/shadow/cell.h"

namespace kverify::simt::shadow {

using Vector = Word __attribute__((vector_size(32)));

struct Words {
  Word w[3];
};

} // namespace kverify::simt::shadow

using namespace kverify::simt::shadow;

#define KV_SHADOW extern "C" [[gnu::always_inline]] inline __attribute__((used))

extern "C" void kv_host_shadow(State* state, std::uint32_t op, Word* out, const Word* in, const double* concrete,
                               std::uint32_t site);
extern "C" void kv_host_shadow_from(State* state, Word* out, double concrete, std::uint32_t constant,
                                    std::uint32_t site);

namespace {

[[gnu::always_inline]] inline Vector vectorOf(Words x) {
  return Vector{x.w[0], x.w[1], x.w[2], 0};
}

[[gnu::always_inline]] inline Cell* cellOf(std::uint64_t origin, std::uint64_t address, std::uint32_t granule) {
  return reinterpret_cast<Cell*>(origin + (address >> granule << 5));
}

/// What the inlined code leaves to the host.
[[gnu::noinline, gnu::cold, maybe_unused]] Words slow(State* state, std::uint32_t op, Words a, Words b, Words c, double ca, double cb,
                                        double cc, double result, std::uint32_t site) {
  Word in[9] = {a.w[0], a.w[1], a.w[2], b.w[0], b.w[1], b.w[2], c.w[0], c.w[1], c.w[2]};
  double concrete[4] = {ca, cb, cc, result};
  Words out;
  kv_host_shadow(state, op, out.w, in, concrete, site);
  return out;
}

[[gnu::noinline, gnu::cold, maybe_unused]] Words slowFrom(State* state, double concrete, std::uint32_t constant,
                                                            std::uint32_t site) {
  Words out;
  kv_host_shadow_from(state, out.w, concrete, constant, site);
  return out;
}

} // namespace
