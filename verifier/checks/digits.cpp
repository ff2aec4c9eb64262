#include "verifier/checks/digits.h"

#include <algorithm>

namespace kverify::verifier {

namespace {

bool isSizeLike(TermPtr term) {
  if (term->op == Op::Symbol)
    return term->sym->scope == Scope::Grid;
  return std::all_of(term->args.begin(), term->args.end(), isSizeLike);
}

std::size_t degreeOf(const Poly& poly) {
  std::size_t degree = 0;
  for (const auto& [monomial, coefficient] : poly.terms)
    degree = std::max(degree, monomial.size());
  return degree;
}

/// The coefficient that decides about the sign where sizes are large.
Int128 leadingOf(const Poly& poly) {
  Int128 leading = 0;
  for (const auto& [monomial, coefficient] : poly.terms)
    if (monomial.size() == degreeOf(poly))
      leading = coefficient;
  return leading;
}

std::optional<Poly> exactly(const Poly& a, const Poly& b) {
  auto division = divide(a, b);
  if (!division || !division->remainder.terms.empty())
    return std::nullopt;
  return division->quotient;
}

bool isOne(const Poly& poly) {
  return poly.isConstant() && poly.constant() == 1;
}

} // namespace

bool isWider(const Poly& a, const Poly& b) {
  if (a.isConstant() && b.isConstant())
    return a.constant() > b.constant();
  if (auto ratio = exactly(a, b); ratio && !isOne(*ratio))
    return true;
  if (auto ratio = exactly(b, a); ratio && !isOne(*ratio))
    return false;
  if (degreeOf(a) != degreeOf(b))
    return degreeOf(a) > degreeOf(b);
  return leadingOf(a) > leadingOf(b);
}

const Poly* Digits::valueOf(TermPtr variable) const {
  auto found = values_.find(variable);
  return found == values_.end() ? nullptr : &found->second;
}

Poly Digits::filled(const Poly& poly) const {
  return writtenOut(poly, values_);
}

TermPtr Digits::spell(const Poly& value) const {
  TermPtr term = toTerm(pool_, value);
  if (!term)
    return nullptr;
  class Speller : public Rewriter {
  public:
    Speller(TermPool& pool, const std::map<TermPtr, TermPtr>& meaning) : Rewriter(pool), meaning_(meaning) {}

  protected:
    TermPtr replace(const Sym&, TermPtr original) override {
      auto found = meaning_.find(original);
      return found == meaning_.end() ? original : (*this)(found->second);
    }

  private:
    const std::map<TermPtr, TermPtr>& meaning_;
  };
  return Speller(pool_, meaning_)(term);
}

/// By insertion: whether a symbolic weight is wider is no order that could be relied upon.
void Digits::sort(std::vector<Part>& parts) {
  for (std::size_t i = 1; i < parts.size(); ++i)
    for (std::size_t j = i; j > 0 && isWider(parts[j].weight, parts[j - 1].weight); --j)
      std::swap(parts[j], parts[j - 1]);
}

/// By what is not made of sizes; what is, on the widest part that it is a multiple of.
std::vector<Digits::Part> Digits::partsOf(const Poly& known) const {
  std::map<Monomial, Poly, MonomialLess> weights;
  Poly sizes;
  for (const auto& [monomial, coefficient] : known.terms) {
    Monomial digit, weight;
    for (TermPtr atom : monomial)
      (isSizeLike(atom) ? weight : digit).push_back(atom);
    (digit.empty() ? sizes : weights[digit]).add(weight, coefficient);
  }
  std::vector<Part> parts;
  for (const auto& [digit, weight] : weights) {
    Poly value;
    value.add(digit, 1);
    auto same = std::find_if(parts.begin(), parts.end(),
                             [&](const Part& part) { return plus(part.weight, weight, -1).terms.empty(); });
    if (same != parts.end())
      same->value = plus(same->value, value);
    else
      parts.push_back({weight, value});
  }
  sort(parts);
  spread(sizes, parts);
  return parts;
}

void Digits::spread(const Poly& constant, std::vector<Part>& parts) const {
  Poly rest = constant;
  for (Part& part : parts) {
    auto division = divide(rest, part.weight);
    if (!division)
      continue;
    part.value = plus(part.value, division->quotient);
    rest = division->remainder;
  }
  if (!rest.terms.empty())
    parts.push_back({rest, constantPoly(1)});
}

// A value is a digit from here on, so that it comes apart as one.
Poly Digits::quotient(const Poly& value, const Poly& divisor) {
  TermPtr dividend = toTerm(pool_, value), by = toTerm(pool_, divisor);
  if (!dividend || !by) {
    Poly none;
    none.overflow = true;
    return none;
  }
  Sym sym;
  sym.name = "digit." + std::to_string(dividend->id) + "." + std::to_string(by->id);
  TermPtr digit = pool_.symbol(sym);
  meaning_[digit] =
      by->op == Op::Const && by->value > 0 ? pool_.floorDiv(dividend, by->value) : pool_.truncDiv(dividend, by);
  return atomPoly(digit);
}

/// What a variable of this weight can have of them; they keep the rest.
Poly Digits::take(const Poly& weight, std::vector<Part>& parts) {
  Poly value;
  std::vector<Part> rest;
  bool whole_digit = false;
  for (const Part& part : parts) {
    auto ratio = exactly(part.weight, weight);
    if (!ratio) {
      rest.push_back(part);
      continue;
    }
    value = plus(value, times(*ratio, part.value));
    whole_digit = whole_digit || isOne(*ratio);
  }
  parts = rest;
  if (parts.empty() || whole_digit) // what is less significant than a digit of this weight is less than the weight
    return value;
  if (!exactly(weight, parts.front().weight))
    merge(parts);
  Part& part = parts.front();
  auto finer = exactly(weight, part.weight);
  if (!finer)
    return value;
  Poly whole = quotient(part.value, *finer);
  part.value = asDigit(plus(part.value, times(*finer, whole), -1));
  return plus(value, whole);
}

// Weights that do not measure each other: all that is left as one number.
void Digits::merge(std::vector<Part>& parts) const {
  Poly all;
  Int128 common = 0;
  for (const Part& part : parts)
    all = plus(all, times(part.weight, part.value));
  for (const auto& [monomial, coefficient] : all.terms)
    for (Int128 a = common, b = coefficient < 0 ? -coefficient : coefficient; (common = a, b != 0);) {
      Int128 rest = a % b;
      a = b;
      b = rest;
    }
  if (common == 0)
    common = 1;
  Poly value;
  for (const auto& [monomial, coefficient] : all.terms)
    value.add(monomial, coefficient / common);
  parts = {{constantPoly(common), value}};
}

Poly Digits::asDigit(const Poly& value) {
  TermPtr meaning = toTerm(pool_, value);
  if (!meaning || value.isConstant())
    return value;
  Sym sym;
  sym.name = "rest." + std::to_string(meaning->id);
  TermPtr digit = pool_.symbol(sym);
  meaning_[digit] = meaning;
  return atomPoly(digit);
}

/// Counts a variable with a negative weight from its other end.
bool Digits::orient(std::vector<Part>& unknown, Poly& known) {
  for (Part& part : unknown) {
    if (leadingOf(part.weight) >= 0)
      continue;
    TermPtr variable = part.value.terms.begin()->first[0];
    auto most = most_.find(variable);
    if (most == most_.end())
      return false;
    known = plus(known, times(part.weight, most->second), -1);
    part.weight = times(part.weight, constantPoly(-1));
    part.value = plus(most->second, part.value, -1);
  }
  return true;
}

/// Without borrowing, a number belongs to the digits that it is made of itself: it is taken from `known`, and given to
/// each of `unknown` in units of its weight. What is less than one is not looked at.
std::vector<Int128> Digits::numberOf(const std::vector<Part>& unknown, Poly& known) const {
  std::vector<Int128> units(unknown.size(), 0);
  Int128 number = borrow_ ? 0 : known.constant();
  known.add({}, -number);
  for (std::size_t i = 0; i < unknown.size() && number != 0; ++i) {
    const Poly& weight = unknown[i].weight;
    if (!weight.isConstant() || weight.constant() <= 0)
      continue;
    units[i] = number / weight.constant();
    number %= weight.constant();
  }
  return units;
}

bool Digits::solve(const Poly& sum, const Poly& known) {
  std::map<Monomial, Poly, MonomialLess> weights; // by variable, in an order that is the same every time
  Poly right = known;
  for (const auto& [monomial, coefficient] : filled(sum).terms) {
    TermPtr variable = nullptr;
    Monomial weight;
    for (TermPtr atom : monomial)
      if (!variables_.count(atom))
        weight.push_back(atom);
      else if (variable)
        return false;
      else
        variable = atom;
    if (variable)
      weights[{variable}].add(weight, coefficient);
    else
      right.add(monomial, -coefficient);
  }
  std::vector<Part> unknown;
  for (const auto& [variable, weight] : weights)
    unknown.push_back({weight, atomPoly(variable.front())});
  if (sum.overflow || known.overflow || !orient(unknown, right))
    return false;
  sort(unknown);
  std::vector<Int128> units = numberOf(unknown, right);
  std::vector<Part> parts = partsOf(right);
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    const Part& one = unknown[i];
    // one.value is v, or most - v.
    Poly taken = plus(take(one.weight, parts), constantPoly(units[i]));
    TermPtr variable = nullptr;
    Int128 sign = 1;
    for (const auto& [monomial, coefficient] : one.value.terms)
      for (TermPtr atom : monomial)
        if (variables_.count(atom))
          variable = atom, sign = coefficient;
    Poly itself;
    itself.add({variable}, sign);
    Poly offset = plus(one.value, itself, -1);
    values_[variable] = sign > 0 ? taken : plus(offset, taken, -1);
    if (taken.overflow)
      return false;
  }
  return true;
}

} // namespace kverify::verifier
