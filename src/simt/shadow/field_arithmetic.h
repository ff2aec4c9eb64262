#pragma once
// The field's arithmetic on the host: what the executor leaves to it, and what the specs are evaluated with.
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "simt/shadow/field.h"
#include "simt/shadow/shadow.h"

namespace kverify::simt::shadow {

/// One value, see field.h. A lane that is absent holds 0.
struct alignas(32) FieldValue {
  double lane[kLanes] = {};
  Word tag = 0;

  bool isSpecial() const { return tag & kSpecial; }
  bool is(Special kind) const { return isSpecial() && specialOf(tag) == kind; }
  bool isLogarithm() const { return is(kLogarithm) || is(kLogarithm2); }
  bool isData() const { return tag & kData; }
  bool has(int at) const { return !(tag & kAbsent(at)); }
};

Words wordsOf(const FieldValue& value);
FieldValue valueOf(const Words& words);

/// A value of this kind and no number; `tag`: where what is carried along comes from.
FieldValue specialValue(Special kind, Word tag = 0);
FieldValue unknownValue(Reason reason, std::uint32_t site);

/// value = factor * n / d for small n and d, to a few roundings of 24 bits; 0/1 when it is not.
std::pair<int, int> smallRatio(double value, double factor);

/// All operations take ordinary numbers and logarithms. What an infinity means is the caller's: here it makes the result
/// unknown, as unknowns do (negate keeps both). A result that no lane has is a division by zero (inverse), else it comes
/// back as an unknown of its own (kStranger).
class FieldArithmetic {
public:
  FieldArithmetic(std::uint64_t seed, FieldMode mode);

  FieldMode mode() const { return mode_; }
  std::uint64_t seed() const { return seed_; }
  /// Random residues, the same for the same numbers; no lane is 0.
  FieldValue random(std::uint64_t stream, std::uint64_t number) const;
  /// Those of a buffer's element.
  FieldValue input(std::size_t buffer, std::uint64_t element) const;
  /// The residues of a finite number, exactly.
  FieldValue exactly(double value) const;
  FieldValue ratio(std::int64_t numerator, std::int64_t denominator) const;
  /// What a float or a number of a contract stands for: a short number, an integer or a small fraction itself; a small
  /// multiple of log2(e), ln 2, ln 10 and the like; the root of a small fraction, that times log2(e). Nothing for others.
  std::optional<FieldValue> named(double value) const;
  const FieldValue& log2e() const { return log2e_; }
  const FieldValue& ln2() const { return ln2_; }
  const FieldValue& ln10() const { return ln10_; }

  FieldValue add(const FieldValue& a, const FieldValue& b) const;
  FieldValue subtract(const FieldValue& a, const FieldValue& b) const { return add(a, negate(b)); }
  FieldValue multiply(const FieldValue& a, const FieldValue& b) const;
  /// sum += a b
  void accumulate(FieldValue& sum, const FieldValue& a, const FieldValue& b) const;
  FieldValue negate(const FieldValue& a) const;
  FieldValue inverse(const FieldValue& a) const;
  FieldValue divide(const FieldValue& a, const FieldValue& b) const { return multiply(a, inverse(b)); }

  FieldValue exponential(const FieldValue& a) const;
  FieldValue logarithm(const FieldValue& a, Special kind = kLogarithm) const;
  /// exp(b log a); where b is a small integer, the product. Else the sign of a is lost.
  FieldValue power(const FieldValue& a, const FieldValue& b) const;
  FieldValue power(const FieldValue& a, int exponent) const;
  /// x^((m+1)/4) in every lane: multiplicative, as the real root is, and a root of x or of -x (kNoRoot).
  FieldValue root(const FieldValue& a) const;
  FieldValue tanh(const FieldValue& a) const;
  /// An unknown function of its own, odd as erf is: erf of independent arguments is algebraically independent of all
  /// else (Kolchin and Ostrowski), so that it hides nothing.
  FieldValue erf(const FieldValue& a) const;
  /// The same for a function that may be related to others (kStranger): equal names and arguments give equal results.
  FieldValue uninterpreted(std::string_view name, std::initializer_list<FieldValue> arguments) const;

  bool isZero(const FieldValue& a) const;
  /// In every lane that both have. `compared`: how many those are.
  bool equal(const FieldValue& a, const FieldValue& b, int& compared) const;
  /// Lanes in which they differ though both have them, as kAbsent bits.
  Word differing(const FieldValue& a, const FieldValue& b) const;

  /// C + A B, row-major, of ordinary numbers: A is m x k, B is k x n. `out` may be C.
  void product(int m, int n, int k, const FieldValue* a, const FieldValue* b, const FieldValue* c,
               FieldValue* out) const;

  /// What inlined code needs (all but constants and sites). This must outlive its use.
  void fill(State& state) const;

private:
  struct Exponents; ///< bits of one exponent a lane
  FieldValue raised(const FieldValue& a, const std::uint32_t exponent[kLanes]) const;
  FieldValue scaledLogarithm(const FieldValue& log, const FieldValue& factor) const;
  FieldValue materialised(const FieldValue& log) const;
  FieldValue symbol(std::uint64_t name, std::initializer_list<FieldValue> arguments, bool odd) const;
  double canonical(double x, int lane) const;

  FieldMode mode_;
  std::uint64_t seed_;
  alignas(32) double moduli_[kLanes], inverses_[kLanes];
  FieldValue log2e_, ln2_, ln10_;
  struct Named {
    double value;
    FieldValue residues;
  };
  std::vector<Named> named_; ///< transcendental ones
  std::vector<double> powers_; ///< see State
};

} // namespace kverify::simt::shadow
