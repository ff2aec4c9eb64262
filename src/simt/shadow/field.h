#pragma once
// The finite-field domain (the technique of Mirage, Wu et al., OSDI 2025; there for tensor programs).
//
// A value is a pair of residues, modulo p and modulo q, p = 2q + 1 both prime: + - * / are exact, and exp maps Z_q to
// Z_p by x -> w^x with w of order q, so exp(a) exp(b) = exp(a + b) holds exactly. A value past an exponential lives
// modulo p only. log b is kept as such: a + log b is the pair (a, b), and exp gives it back as w^a b. log2(e) is a
// random number L: exp2(y) = w^(y / L), so exp2(x L) = exp(x), and exp2(x) is something else.
//
// Word 0: modulo p. Word 1: modulo q. Both in Montgomery's form (R = 2^64). Word 2: the tag.
#include "simt/shadow/cell.h"

namespace kverify::simt::shadow {

__extension__ using Wide = unsigned __int128;

/// Arithmetic modulo an odd M < 2^61 in Montgomery's form (Montgomery 1985).
template <Word M>
struct Modulo {
  static constexpr Word negativeInverse() {
    Word x = 1;
    for (int i = 0; i < 6; ++i)
      x *= 2 - M * x;
    return ~x + 1;
  }
  static constexpr Word kNegativeInverse = negativeInverse();
  static constexpr Word kOne = static_cast<Word>((static_cast<Wide>(1) << 64) % M);
  static constexpr Word kSquare = static_cast<Word>(static_cast<Wide>(kOne) * kOne % M); ///< R^2

  [[gnu::always_inline]] static constexpr Word add(Word a, Word b) {
    Word sum = a + b;
    return sum >= M ? sum - M : sum;
  }
  [[gnu::always_inline]] static constexpr Word sub(Word a, Word b) {
    Word difference = a - b;
    return a < b ? difference + M : difference;
  }
  [[gnu::always_inline]] static constexpr Word neg(Word a) { return a ? M - a : 0; }
  [[gnu::always_inline]] static constexpr Word reduce(Wide t) {
    Word m = static_cast<Word>(t) * kNegativeInverse;
    Word r = static_cast<Word>((t + static_cast<Wide>(m) * M) >> 64);
    return r >= M ? r - M : r;
  }
  [[gnu::always_inline]] static constexpr Word mul(Word a, Word b) { return reduce(static_cast<Wide>(a) * b); }
  /// Of a number below M, and back.
  static constexpr Word enter(Word plain) { return mul(plain % M, kSquare); }
  static constexpr Word leave(Word a) { return reduce(a); }
  static constexpr Word power(Word a, Word exponent) {
    Word result = kOne;
    for (; exponent; exponent >>= 1, a = mul(a, a))
      if (exponent & 1)
        result = mul(result, a);
    return result;
  }
  /// 0 for 0.
  static constexpr Word inverse(Word a) { return power(a, M - 2); }
};

inline constexpr Word kP = 0x1ffffffffffff6bbull;
inline constexpr Word kQ = 0xffffffffffffb5dull;
static_assert(kP == 2 * kQ + 1);
using ModP = Modulo<kP>;
using ModQ = Modulo<kQ>;

// Tags. What is ordinary adds up with |.
inline constexpr Word kNoQ = 1;     ///< past an exponential: word 1 means nothing
inline constexpr Word kSpecial = 2; ///< one of the kinds below, in bits 8 to 15
inline constexpr Word kData = 4;    ///< depends on an input
// What makes an inequality prove nothing: the outcome is then Unknown.
inline constexpr Word kOddConstant = 8; ///< a constant of many digits that stands for nothing known
inline constexpr Word kTie = 16;        ///< a maximum of equal numbers, which may have been the other
inline constexpr Word kNoRoot = 32;     ///< a square root of what has none modulo p (then: of its negative)
inline constexpr Word kHidden = kOddConstant | kTie | kNoRoot;
enum Special : std::uint32_t { kMinusInfinity = 1, kPlusInfinity = 2, kLogarithm = 3, kLogarithm2 = 4, kUnknown = 5 };

constexpr Word specialTag(Special kind) {
  return kSpecial | static_cast<Word>(kind) << 8;
}
constexpr Special specialOf(Word tag) {
  return static_cast<Special>(tag >> 8 & 0xff);
}

/// Why a value is unknown; bits 16 to 31 of its tag. The site is in the upper half.
enum Reason : std::uint32_t {
  kIntegerCode,       ///< its bits were written by integer code
  kSecondExponential, ///< exp of what is past an exponential
  kNotInField,        ///< a function that the field does not have; the site names it
  kDivisionByZero,
  kNotANumber,
  kMixedLogarithm, ///< arithmetic on a logarithm other than sums
  kInfinity,       ///< a kernel's -inf that exp did not send to 0, and the like
};

constexpr Word unknownTag(Reason reason, std::uint32_t site) {
  return specialTag(kUnknown) | kNoQ | kData | static_cast<Word>(reason) << 16 | static_cast<Word>(site) << 32;
}
constexpr Reason reasonOf(Word tag) {
  return static_cast<Reason>(tag >> 16 & 0xffff);
}
constexpr std::uint32_t siteOf(Word tag) {
  return static_cast<std::uint32_t>(tag >> 32);
}

inline constexpr const char* kThresholdNote = "data are compared with a threshold";
inline constexpr const char* kToIntegerNote = "a number that depends on the data is converted to an integer";

/// w^x from the table of powers; x modulo q, in Montgomery's form.
[[gnu::always_inline]] inline Word powerOf(const Word* powers, Word x) {
  Word exponent = ModQ::leave(x);
  Word result = powers[exponent & 255];
  for (int i = 1; i < 8; ++i)
    result = ModP::mul(result, powers[256 * i + (exponent >> (8 * i) & 255)]);
  return result;
}

} // namespace kverify::simt::shadow
