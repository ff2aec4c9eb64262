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
  kPow,
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
  kLog1p,
  kTanh,
  kErf,
  kErfc,
  kNormCdf,
  kMulAdd, ///< a product and its sum, each rounded
  // Of sums that a loop carries: the field need not bring them down to size (lower/shadow_sums.h). Else as above.
  kRunningAdd,
  kRunningSub,
  kRunningFma,
  kClamp, ///< saturation, relu: follows the concrete run
  kOther, ///< any function of up to three operands that no domain knows; the site names it
};

/// Per site, what a domain may count. A site is one operation of the program.
struct SiteRecord {
  std::uint64_t runs = 0;
  double first = 0, second = 0, third = 0, fourth = 0; ///< the domain's: see double_double.h, interval.h
  // Double-double looks closely at some operations only.
  std::uint32_t countdown = 1; ///< operations until the next one of them
  std::uint32_t stride = 1;    ///< what it was set to
};

/// What inlined code reads; one a run. The field's part is in field.h's terms.
struct State {
  const Cell* constants = nullptr; ///< of the program's floating-point constants
  SiteRecord* sites = nullptr;
  Cell answer; ///< of the host, to what inlined code asked last
  alignas(32) double moduli[4] = {1, 1, 1, 1};
  double inverses[4] = {1, 1, 1, 1}; ///< 1 / moduli
  double ln2[4] = {};
  double divisor[4] = {}, quotient[4] = {}; ///< what was inverted last, and its inverse
  Word divisor_tag = ~Word{0};
  const double* powers = nullptr; ///< [2][4][128]: of the bases of exp, by 7 bits of the exponent
  double power_moduli[2] = {1, 1}, power_inverses[2] = {1, 1};
  Word exponents = 0; ///< lanes that an exponential needs, as kAbsent bits
  Word lost = 0;      ///< lanes that its result does not have
  std::uint32_t tower = 0;
};

} // namespace kverify::simt::shadow
