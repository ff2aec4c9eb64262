#pragma once
// Mixed radix: a known sum taken apart into the digits that another sum is made of.
#include <map>
#include <optional>

#include "verifier/checks/polynomials.h"

namespace kverify::verifier {

/// What a variable can be at most (from zero on); absent: not known.
using Bounds = std::map<TermPtr, Poly>;

/// Solves sums for variables, one after the other, greedily. Values are polynomials over what is known and over digits:
/// symbols of its own, that stand for quotients and remainders of known values.
class Digits {
public:
  /// `borrow`: a number that is added to the sum may carry over into the digits before the last.
  Digits(TermPool& pool, const std::map<TermPtr, bool>& variables, const Bounds& most, bool borrow)
      : pool_(pool), variables_(variables), most_(most), borrow_(borrow) {}

  /// Gives those variables of `sum` a value that have none, so that it may be `known`, or a little less.
  /// False: it is no sum of multiples of variables.
  bool solve(const Poly& sum, const Poly& known);

  bool has(TermPtr variable) const { return values_.count(variable) > 0; }
  void give(TermPtr variable, Poly value) { values_[variable] = std::move(value); }
  /// Null: none.
  const Poly* valueOf(TermPtr variable) const;
  /// A value with the digits spelled out; null where a coefficient does not fit.
  TermPtr spell(const Poly& value) const;
  /// The same with the variables' values put in.
  Poly filled(const Poly& poly) const;

private:
  struct Part {
    Poly weight, value;
  };
  std::vector<Part> partsOf(const Poly& known) const;
  void spread(const Poly& constant, std::vector<Part>& parts) const;
  static void sort(std::vector<Part>& parts);
  void merge(std::vector<Part>& parts) const;
  Poly asDigit(const Poly& value);
  Poly take(const Poly& weight, std::vector<Part>& parts);
  Poly quotient(const Poly& value, const Poly& divisor);
  std::vector<Int128> numberOf(const std::vector<Part>& unknown, Poly& known) const;
  bool orient(std::vector<Part>& unknown, Poly& known);

  TermPool& pool_;
  const std::map<TermPtr, bool>& variables_;
  const Bounds& most_;
  bool borrow_;
  std::map<TermPtr, Poly> values_;
  std::map<TermPtr, TermPtr> meaning_; ///< of digits
};

/// Is a sum's part with this weight the more significant one?
bool isWider(const Poly& a, const Poly& b);

} // namespace kverify::verifier
