#pragma once
// Shadow values: what stands beside every float, in registers and in memory. Shared by the host and by the bitcode that
// is inlined into kernels.
//
// A shadow is three words whose meaning is the domain's (field.h, double_double.h, interval.h). In memory, a cell of 32
// bytes stands for each granule of data (1, 2 or 4 bytes: the narrowest float of the program); a float's shadow is in
// the cell of its first byte. The fourth word, the stamp, holds the format and the bits that the shadow stands for: a
// cell whose stamp is not that of the bits found beside it is void, so no integer write can pass unnoticed.
#include <cstdint>

namespace kverify::simt::shadow {

using Word = unsigned long long;

/// Formats of a stamp; 0 = nothing here.
enum Format : std::uint32_t { kNoFormat = 0, kE4m3 = 1, kE5m2 = 2, kF16 = 3, kBf16 = 4, kF32 = 5, kF64 = 6 };

constexpr std::uint32_t bytesOf(std::uint32_t format) {
  return format <= kE5m2 ? 1 : format <= kBf16 ? 2 : format == kF32 ? 4 : 8;
}

struct alignas(32) Cell {
  Word word[3];
  Word stamp;
};

/// The stamp of a float with these bits (zero-extended).
constexpr Word stampOf(Word bits, std::uint32_t format) {
  return ((bits ^ bits >> 32) & 0xffffffffu) | static_cast<Word>(format) << 32;
}

/// What the inlined code can do by itself in some domain; the rest is a call of the host (kv_host_shadow).
enum Op : std::uint32_t {
  // Two operands.
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMin,
  kMax,
  kCopySign,
  // Three.
  kFma,
  // One.
  kNeg,
  kAbs,
  kRound, ///< to another format; also what is the identity in exact arithmetic
  kRcp,
  kSqrt,
  kRsqrt,
  kExp,
  kExp2,
  kExp10,
  kExpm1,
  kLog,
  kLog2,
  kLog10,
  kTanh,
  kClamp, ///< saturation, relu: follows the concrete run
  kOther, ///< any function of up to three operands that no domain knows; the site names it
};

/// Per site, what a domain may count. A site is one operation of the program.
struct SiteRecord {
  std::uint64_t runs = 0;
  double first = 0, second = 0, third = 0, fourth = 0; ///< the domain's: see double_double.h, interval.h
};

/// What inlined code reads; one a run.
struct State {
  const Cell* constants = nullptr; ///< of the program's floating-point constants
  SiteRecord* sites = nullptr;
  const Word* powers = nullptr; ///< field: [8][256] powers of the base of exp, modulo p
  Word log2e[2] = {};           ///< field: what stands for log2(e), and its inverse, modulo q
};

} // namespace kverify::simt::shadow
