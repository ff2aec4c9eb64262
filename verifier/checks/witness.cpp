// An address with quotients and remainders of indices becomes a sum over digits first: of every dividend x with a
// quotient x / d in it, x = d*q + r, and one of its symbols is expressed by q, r and the others. Then digits.cpp takes
// the target apart, and the dividends, once q and r have values, in the same way.
#include "verifier/checks/witness.h"

#include <algorithm>
#include <set>

#include "verifier/checks/digits.h"

namespace kverify::verifier {

namespace {

constexpr unsigned kMostChoices = 3; ///< conditions of which both arms are tried
constexpr std::size_t kMostSteps = 24;
constexpr std::size_t kMostEquations = 8;

/// dividend = divisor * quotient + remainder; or, of a function of bits, its arguments.
struct Step {
  Poly dividend, divisor;
  TermPtr quotient = nullptr, remainder = nullptr;
  std::string function; ///< then `quotient` is its value, of `args`
  std::vector<Poly> args;
};

void symbolsIn(TermPtr term, std::set<TermPtr>& symbols) {
  if (term->op == Op::Symbol)
    symbols.insert(term);
  for (TermPtr arg : term->args)
    symbolsIn(arg, symbols);
}

class Matcher {
public:
  Matcher(TermPool& pool, const std::vector<const Sym*>& unknowns, unsigned arms) : pool_(pool), arms_(arms) {
    for (const Sym* sym : unknowns) {
      TermPtr variable = pool.symbol(*sym);
      variables_[variable] = true;
      given_.push_back(variable);
      if (sym->high)
        most_[variable] = constantPoly(*sym->high);
    }
  }

  /// As sums over digits; false: too involved.
  bool prepare(const std::vector<TermPtr>& terms) {
    for (std::size_t before = steps_.size() + 1; before != steps_.size();) {
      before = steps_.size();
      sums_.clear();
      done_.clear();
      for (TermPtr term : terms) {
        sums_.push_back(normal(term));
        if (steps_.size() != before)
          break;
      }
      if (steps_.size() > kMostSteps)
        return false;
    }
    return true;
  }

  std::optional<Assignment> solve(TermPtr target, bool borrow) {
    Digits digits(pool_, variables_, most_, borrow);
    Expander expand;
    if (!digits.solve(sums_[0], expand(target)))
      return std::nullopt;
    for (std::size_t i = 1; i < sums_.size(); ++i)
      if (!settled(digits, sums_[i]))
        digits.solve(sums_[i], constantPoly(0));
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step)
      unwind(digits, *step);
    Assignment found;
    std::set<TermPtr> known;
    symbolsIn(target, known);
    for (TermPtr variable : given_)
      if (const Poly* value = digits.valueOf(variable)) {
        TermPtr term = digits.spell(*value);
        std::set<TermPtr> mentioned;
        if (term)
          symbolsIn(term, mentioned);
        // Who it is must not depend on what only that thread knows: it is chosen first.
        for (TermPtr symbol : mentioned)
          if (symbol->sym->scope != Scope::Grid && !known.count(symbol))
            return std::nullopt;
        if (term)
          found[variable->sym] = term;
      }
    return found;
  }

  unsigned choices() const { return static_cast<unsigned>(conditions_.size()); }

private:
  bool isUnknown(const Poly& poly) const {
    for (const auto& [monomial, coefficient] : poly.terms)
      for (TermPtr atom : monomial)
        if (variables_.count(atom))
          return true;
    return false;
  }

  bool mentionsUnknown(TermPtr term) const {
    return variables_.count(term) > 0 ||
           std::any_of(term->args.begin(), term->args.end(), [&](TermPtr arg) { return mentionsUnknown(arg); });
  }

  /// No variable is left to give a value to.
  bool settled(const Digits& digits, const Poly& sum) const { return !isUnknown(digits.filled(sum)); }

  const Poly& normal(TermPtr term) {
    auto found = done_.find(term);
    if (found != done_.end())
      return found->second;
    return done_[term] = compute(term);
  }

  Poly compute(TermPtr term) {
    if (term->op == Op::Const)
      return constantPoly(term->value);
    bool sum = term->op == Op::Add || term->op == Op::Mul;
    if (!sum && !mentionsUnknown(term))
      return atomPoly(term);
    switch (term->op) {
    case Op::Symbol: {
      auto replaced = replaced_.find(term);
      return replaced == replaced_.end() ? atomPoly(term) : replaced->second;
    }
    case Op::Add: return plus(normal(term->args[0]), normal(term->args[1]));
    case Op::Mul: return times(normal(term->args[0]), normal(term->args[1]));
    case Op::TruncDiv:
    case Op::FloorDiv: return quotient(normal(term->args[0]), normal(term->args[1]));
    case Op::Ite: return normal(term->args[takes(term->args[0]) ? 1 : 2]);
    case Op::Apply: return applied(term);
    default: return atomPoly(term);
    }
  }

  bool takes(TermPtr condition) {
    auto known = conditions_.emplace(condition, static_cast<unsigned>(conditions_.size())).first;
    return ((arms_ >> std::min(known->second, 31u)) & 1) == 0;
  }

  Poly quotient(Poly value, Poly divisor) {
    reduce(value, divisor);
    if (divisor.isConstant() && divisor.constant() == 1)
      return value;
    auto division = divide(value, divisor);
    if (division && isBelow(division->remainder, divisor))
      return division->quotient;
    for (const Step& step : steps_) // met before, in a form that is not simplified any more
      if (step.function.empty() && plus(step.dividend, value, -1).terms.empty() &&
          plus(step.divisor, divisor, -1).terms.empty())
        return atomPoly(step.quotient);
    return introduce(value, divisor);
  }

  /// (g*a + c) / (g*b) is a / b for 0 <= c < g.
  static void reduce(Poly& value, Poly& divisor) {
    if (!divisor.isConstant() || value.terms.empty())
      return;
    for (Int128 factor = divisor.constant(); factor > 1; --factor) {
      if (factor > 4096)
        factor = 4096;
      bool common = divisor.constant() % factor == 0;
      for (const auto& [monomial, coefficient] : value.terms)
        common = common && (coefficient % factor == 0 || (monomial.empty() && coefficient >= 0));
      if (!common)
        continue;
      Poly smaller;
      for (const auto& [monomial, coefficient] : value.terms)
        if (coefficient / factor != 0)
          smaller.add(monomial, coefficient / factor);
      value = smaller;
      divisor = constantPoly(divisor.constant() / factor);
      return;
    }
  }

  /// 0 <= rest < divisor, by what is known of digits.
  bool isBelow(const Poly& rest, const Poly& divisor) const {
    Poly most;
    for (const auto& [monomial, coefficient] : rest.terms) {
      if (coefficient < 0)
        return false;
      Poly product = constantPoly(coefficient);
      for (TermPtr factor : monomial) {
        auto bound = most_.find(factor);
        if (bound == most_.end())
          return false;
        product = times(product, bound->second);
      }
      most = plus(most, product);
    }
    Poly gap = plus(divisor, most, -1);
    return gap.isConstant() && gap.constant() >= 1;
  }

  TermPtr fresh(const char* what, std::optional<Poly> most) {
    Sym sym;
    sym.name = std::string("witness.") + what + std::to_string(steps_.size());
    TermPtr variable = pool_.symbol(sym);
    variables_[variable] = true;
    most_.erase(variable);
    if (most)
      most_[variable] = *most;
    return variable;
  }

  std::optional<Poly> mostOf(const Poly& value) const {
    Int128 most = 0;
    for (const auto& [monomial, coefficient] : value.terms) {
      Poly product = constantPoly(coefficient);
      for (TermPtr factor : monomial) {
        auto bound = most_.find(factor);
        if (bound == most_.end() || !bound->second.isConstant())
          return std::nullopt;
        product = times(product, bound->second);
      }
      if (coefficient < 0 || product.overflow)
        return std::nullopt;
      most += product.constant();
    }
    return constantPoly(most);
  }

  /// A variable that occurs once, as itself: the others and q and r tell what it is.
  TermPtr pivotOf(const Poly& value) const {
    TermPtr best = nullptr;
    for (const auto& [monomial, coefficient] : value.terms) {
      bool plain = monomial.size() == 1 && (coefficient == 1 || coefficient == -1) && variables_.count(monomial[0]);
      for (const auto& [other, factor] : value.terms)
        plain = plain && (other == monomial || !without(other, monomial[0]));
      if (plain && (!best || monomial[0]->id < best->id))
        best = monomial[0];
    }
    return best;
  }

  Poly introduce(const Poly& value, const Poly& divisor) {
    Step step{value, divisor, nullptr, nullptr, {}, {}};
    std::optional<Poly> most = mostOf(value);
    if (most && divisor.isConstant() && divisor.constant() > 0)
      most = constantPoly(most->constant() / divisor.constant());
    else
      most = std::nullopt;
    TermPtr pivot = isUnknown(divisor) ? nullptr : pivotOf(value);
    step.quotient = fresh("q", most);
    step.remainder = fresh("r", plus(divisor, constantPoly(-1)));
    steps_.push_back(step);
    if (!pivot)
      return atomPoly(step.quotient);
    Poly whole = plus(times(divisor, atomPoly(step.quotient)), atomPoly(step.remainder));
    Int128 sign = value.terms.at({pivot});
    Poly others = plus(value, atomPoly(pivot), -sign);
    Poly meaning = times(plus(whole, others, -1), constantPoly(sign));
    for (auto& [variable, earlier] : replaced_)
      earlier = writtenOut(earlier, {{pivot, meaning}});
    replaced_[pivot] = meaning;
    return atomPoly(step.quotient);
  }

  /// A function of bits is a digit; its value tells its arguments where the target has the same function there.
  Poly applied(TermPtr term) {
    std::vector<Poly> args;
    for (TermPtr arg : term->args)
      args.push_back(normal(arg));
    for (const Step& step : steps_) {
      bool same = step.function == term->function && step.args.size() == args.size();
      for (std::size_t i = 0; same && i < args.size(); ++i)
        same = plus(step.args[i], args[i], -1).terms.empty();
      if (same)
        return atomPoly(step.quotient);
    }
    Step step;
    step.function = term->function;
    step.args = args;
    step.quotient = fresh("f", std::nullopt);
    steps_.push_back(step);
    return atomPoly(step.quotient);
  }

  void unwind(Digits& digits, const Step& step) {
    if (!step.function.empty()) {
      const Poly* value = digits.valueOf(step.quotient);
      TermPtr function = value ? digits.spell(*value) : nullptr;
      if (!function || function->op != Op::Apply || function->function != step.function)
        return;
      Expander expand;
      for (std::size_t i = 0; i < step.args.size() && i < function->args.size(); ++i)
        if (!settled(digits, step.args[i]))
          digits.solve(step.args[i], expand(function->args[i]));
      return;
    }
    for (TermPtr part : {step.quotient, step.remainder})
      if (!digits.has(part))
        digits.give(part, Poly{});
    if (settled(digits, step.dividend))
      return;
    Poly value = plus(times(step.divisor, *digits.valueOf(step.quotient)), *digits.valueOf(step.remainder));
    digits.solve(step.dividend, digits.filled(value));
  }

  TermPool& pool_;
  unsigned arms_;
  std::map<TermPtr, bool> variables_;
  std::vector<TermPtr> given_;
  Bounds most_;
  std::vector<Poly> sums_;
  std::map<TermPtr, Poly> done_;
  std::map<TermPtr, Poly> replaced_;
  std::map<TermPtr, unsigned> conditions_;
  std::vector<Step> steps_;
};

void addEquations(TermPool& pool, TermPtr condition, std::vector<TermPtr>& equations) {
  if (condition->op == Op::And)
    for (TermPtr part : condition->args)
      addEquations(pool, part, equations);
  else if (condition->op == Op::Eq && !isBoolean(condition->args[0]) && equations.size() < kMostEquations)
    equations.push_back(pool.sub(condition->args[0], condition->args[1]));
}

} // namespace

std::vector<TermPtr> equationsOf(TermPool& pool, TermPtr condition) {
  std::vector<TermPtr> equations;
  addEquations(pool, condition, equations);
  return equations;
}

std::vector<Assignment> solveFor(TermPool& pool, TermPtr address, TermPtr target,
                                 const std::vector<const Sym*>& unknowns, const std::vector<TermPtr>& equations,
                                 bool borrow) {
  std::vector<TermPtr> terms = {address};
  terms.insert(terms.end(), equations.begin(), equations.end());
  std::vector<Assignment> found;
  unsigned choices = 0;
  for (unsigned arms = 0; arms < (1u << std::min(choices, kMostChoices)); ++arms) {
    Matcher matcher(pool, unknowns, arms);
    if (!matcher.prepare(terms))
      continue;
    choices = std::max(choices, matcher.choices());
    auto one = matcher.solve(target, borrow);
    if (one && std::find(found.begin(), found.end(), *one) == found.end())
      found.push_back(*one);
  }
  return found;
}

} // namespace kverify::verifier
