#pragma once
// The finite-field domain (the technique of Mirage, Wu et al., OSDI 2025; there for tensor programs).
//
// A value is four residues, one a lane of a vector of doubles. + - * / are exact in each lane, and exp maps a lane Z_q
// to a lane Z_p by x -> w^x with w of order q, p = 2q + 1 both prime, so exp(a) exp(b) = exp(a + b) holds exactly. Two
// modes (FieldMode):
//   Pairs  (p1, q1, p2, q2): two independent fields with one exponential each; what escapes must escape both.
//   Tower  (p, q, r, -), q = 2r + 1: exp takes r to q and q to p, so that an exponential of an exponential (a softmax
//          of soft-capped scores) is exact, too.
// A lane that a value does not have (q, past an exponential) is absent: its bit in the tag is set.
//
// log b is kept as its exponential, b, under a tag: sums of logarithms and numbers are products, exp takes the tag off.
// log2(e) is a random number L: exp2(y) = w^(y / L), so exp2(x L) = exp(x), and exp2(x) is something else.
//
// Residues are integers of at most p/2 in size (and little more), p < 2^27: a b + c is exact in a double, and
//   r = h - p round(h / p)
// takes four operations for all lanes (J. van der Hoeven, G. Lecerf and G. Quintin, "Modular SIMD arithmetic in
// Mathemagic", 2016, for the technique). In a cell, word 0 and 1 hold them as four 32-bit integers, word 2 the tag.
#include <cstdint>

#include "simt/shadow/cell.h"

namespace kverify::simt::shadow {

enum class FieldMode { Pairs, Tower };
inline constexpr int kLanes = 4;

// p = 4r + 3, q = 2r + 1 and r, all prime and 7 modulo 8: x^((m+1)/4) is a root of x or of -x. 2, 3, 5, 7 and 11 have
// roots in every lane, so that most 1/sqrt(d) are what they are.
inline constexpr std::uint32_t kP1 = 132887999, kQ1 = 66443999, kR1 = 33221999;
inline constexpr std::uint32_t kP2 = 132427679, kQ2 = 66213839;
static_assert(kP1 == 2 * kQ1 + 1 && kQ1 == 2 * kR1 + 1 && kR1 % 8 == 7);
static_assert(kP2 == 2 * kQ2 + 1 && kQ2 % 8 == 7);

/// The moduli of the lanes.
constexpr std::uint32_t modulusOf(FieldMode mode, int lane) {
  constexpr std::uint32_t pairs[kLanes] = {kP1, kQ1, kP2, kQ2}, tower[kLanes] = {kP1, kQ1, kR1, 1};
  return mode == FieldMode::Pairs ? pairs[lane] : tower[lane];
}
/// Which lane an exponential of this lane comes from; -1: it has none.
constexpr int exponentOf(FieldMode mode, int lane) {
  if (mode == FieldMode::Tower)
    return lane < 2 ? lane + 1 : -1;
  return lane % 2 == 0 ? lane + 1 : -1;
}

// Tags. What is ordinary adds up with |.
constexpr Word kAbsent(int lane) {
  return Word{1} << lane;
}
inline constexpr Word kAllAbsent = 15;
inline constexpr Word kSpecial = 16; ///< one of the kinds below, in bits 8 to 15
inline constexpr Word kData = 32;    ///< depends on an input
// What makes an inequality prove nothing: the outcome is then Unknown.
inline constexpr Word kOddConstant = 64;   ///< a constant of many digits that stands for nothing known
inline constexpr Word kTie = 128;          ///< a maximum of equal numbers, which may have been the other
inline constexpr Word kStranger = 1 << 20; ///< a function that the field does not have, as an unknown of its own
inline constexpr Word kTooLong = 1 << 21;  ///< a sum of more terms than a residue's room allows
inline constexpr Word kHidden = kOddConstant | kTie | kStranger | kTooLong;
/// A square root of what has none in this lane (then: of its negative), or a power whose sign is lost.
constexpr Word kNoRoot(int lane) {
  return Word{1} << (16 + lane);
}
inline constexpr Word kNoRoots = Word{15} << 16;

enum Special : std::uint32_t { kMinusInfinity = 1, kPlusInfinity = 2, kLogarithm = 3, kLogarithm2 = 4, kUnknown = 5 };

constexpr Word specialTag(Special kind) {
  return kSpecial | static_cast<Word>(kind) << 8;
}
constexpr Special specialOf(Word tag) {
  return static_cast<Special>(tag >> 8 & 0xff);
}

/// Why a value is unknown; bits 24 to 31 of its tag. The site is in the upper half.
enum Reason : std::uint32_t {
  kIntegerCode, ///< its bits were written by integer code
  kDivisionByZero,
  kNotANumber,
  kInfinity, ///< a kernel's -inf that exp did not send to 0, and the like
};

constexpr Word unknownTag(Reason reason, std::uint32_t site) {
  return specialTag(kUnknown) | kAllAbsent | kData | static_cast<Word>(reason) << 24 | static_cast<Word>(site) << 32;
}
constexpr Reason reasonOf(Word tag) {
  return static_cast<Reason>(tag >> 24 & 0xff);
}
constexpr std::uint32_t siteOf(Word tag) {
  return static_cast<std::uint32_t>(tag >> 32);
}

inline constexpr const char* kThresholdNote = "data are compared with a threshold";
inline constexpr const char* kToIntegerNote = "a number that depends on the data is converted to an integer";

} // namespace kverify::simt::shadow
