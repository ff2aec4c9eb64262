#include "frontend/host/term.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kverify::frontend::host {
namespace {

std::optional<std::int64_t> fold(ExprOp op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool divides = b != 0 && !(a == std::numeric_limits<std::int64_t>::min() && b == -1);
  switch (op) {
  case ExprOp::Add: return __builtin_add_overflow(a, b, &result) ? std::nullopt : std::optional(result);
  case ExprOp::Subtract: return __builtin_sub_overflow(a, b, &result) ? std::nullopt : std::optional(result);
  case ExprOp::Multiply: return __builtin_mul_overflow(a, b, &result) ? std::nullopt : std::optional(result);
  case ExprOp::Divide: return divides ? std::optional(a / b) : std::nullopt;
  case ExprOp::Modulo: return divides ? std::optional(a % b) : std::nullopt;
  case ExprOp::CeilDiv: return divides ? std::optional(a / b + (a % b != 0 && (a < 0) == (b < 0))) : std::nullopt;
  case ExprOp::Min: return std::min(a, b);
  case ExprOp::Max: return std::max(a, b);
  case ExprOp::Equal: return a == b;
  case ExprOp::NotEqual: return a != b;
  case ExprOp::Less: return a < b;
  case ExprOp::LessEqual: return a <= b;
  case ExprOp::Greater: return a > b;
  case ExprOp::GreaterEqual: return a >= b;
  case ExprOp::And: return a && b;
  case ExprOp::Or: return a || b;
  default: return std::nullopt;
  }
}

Term node(ExprOp op, std::vector<Term> args) {
  auto made = std::make_shared<ExprNode>();
  made->op = op;
  made->args = std::move(args);
  return made;
}

/// `term` as base + constant.
std::pair<Term, std::int64_t> split(const Term& term) {
  if (term->op == ExprOp::Add || term->op == ExprOp::Subtract)
    if (auto constant = constantOf(term->args[1]))
      return {term->args[0], term->op == ExprOp::Add ? *constant : -*constant};
  return {term, 0};
}

Term plusConstant(const Term& term, std::int64_t constant) {
  auto [base, already] = split(term);
  std::int64_t sum = 0;
  if (__builtin_add_overflow(already, constant, &sum) || sum == std::numeric_limits<std::int64_t>::min())
    return nullptr;
  if (sum == 0)
    return base;
  return node(sum > 0 ? ExprOp::Add : ExprOp::Subtract, {base, number(sum > 0 ? sum : -sum)});
}

/// a where `sum` is a + b - 1.
Term roundedUp(const Term& sum, const Term& b) {
  if (auto by = constantOf(b)) {
    auto [base, constant] = split(sum);
    return *by > 1 && constant == *by - 1 ? base : nullptr;
  }
  auto [base, constant] = split(sum);
  if (constant != -1 || base->op != ExprOp::Add)
    return nullptr;
  return same(base->args[1], b) ? base->args[0] : same(base->args[0], b) ? base->args[1] : nullptr;
}

Term simpler(ExprOp op, const Term& a, const Term& b) {
  auto ca = constantOf(a), cb = constantOf(b);
  switch (op) {
  case ExprOp::Add:
    if (ca)
      return plusConstant(b, *ca);
    if (cb)
      return plusConstant(a, *cb);
    if (auto [base, constant] = split(b); constant != 0 && base != b)
      return plusConstant(make(ExprOp::Add, a, base), constant);
    if (auto [base, constant] = split(a); constant != 0 && base != a)
      return plusConstant(make(ExprOp::Add, base, b), constant);
    return nullptr;
  case ExprOp::Subtract:
    if (cb && *cb != std::numeric_limits<std::int64_t>::min())
      return plusConstant(a, -*cb);
    return same(a, b) ? number(0) : nullptr;
  case ExprOp::Multiply:
    if ((ca && *ca == 0) || (cb && *cb == 1))
      return a;
    if ((cb && *cb == 0) || (ca && *ca == 1))
      return b;
    if (ca) // constants stand last, so that sizes in bytes divide by the element's
      return make(ExprOp::Multiply, b, a);
    if (a->op == ExprOp::Multiply)
      if (auto inner = constantOf(a->args[1])) {
        if (cb)
          return make(ExprOp::Multiply, a->args[0], make(ExprOp::Multiply, a->args[1], b));
        return make(ExprOp::Multiply, make(ExprOp::Multiply, a->args[0], b), a->args[1]);
      }
    return nullptr;
  case ExprOp::Divide: {
    if (cb && *cb == 1)
      return a;
    if (cb && *cb > 0 && a->op == ExprOp::Multiply)
      if (auto inner = constantOf(a->args[1]); inner && *inner % *cb == 0)
        return make(ExprOp::Multiply, a->args[0], number(*inner / *cb));
    Term up = roundedUp(a, b);
    return up ? node(ExprOp::CeilDiv, {up, b}) : nullptr;
  }
  case ExprOp::Equal: return same(a, b) ? number(1) : nullptr;
  case ExprOp::NotEqual: return same(a, b) ? number(0) : nullptr;
  case ExprOp::And:
    if (ca)
      return *ca ? b : number(0);
    return cb && *cb ? a : nullptr;
  case ExprOp::Or:
    if (ca)
      return *ca ? number(1) : b;
    return cb && !*cb ? a : nullptr;
  default: return nullptr;
  }
}

} // namespace

Term number(std::int64_t value) {
  auto made = std::make_shared<ExprNode>();
  made->integer = value;
  return made;
}

Term nameTerm(const std::string& name) {
  auto made = std::make_shared<ExprNode>();
  made->op = ExprOp::Name;
  made->name = name;
  return made;
}

Term make(ExprOp op, Term a, Term b) {
  // What decides a conjunction alone decides it, whatever the other is.
  if (op == ExprOp::And && ((a && constantOf(a) == 0) || (b && constantOf(b) == 0)))
    return number(0);
  if (op == ExprOp::Or && ((a && constantOf(a).value_or(0)) || (b && constantOf(b).value_or(0))))
    return number(1);
  if (!a || !b)
    return nullptr;
  auto ca = constantOf(a), cb = constantOf(b);
  if (ca && cb) {
    auto folded = fold(op, *ca, *cb);
    return folded ? number(*folded) : nullptr;
  }
  if (Term simple = simpler(op, a, b))
    return simple;
  return node(op, {std::move(a), std::move(b)});
}

Term make(ExprOp op, Term a) {
  if (!a)
    return nullptr;
  if (auto constant = constantOf(a)) {
    if (op == ExprOp::Not)
      return number(!*constant);
    if (op == ExprOp::Negate && *constant != std::numeric_limits<std::int64_t>::min())
      return number(-*constant);
  }
  if (op == ExprOp::Not) {
    static const std::map<ExprOp, ExprOp> opposite = {
        {ExprOp::Equal, ExprOp::NotEqual},     {ExprOp::NotEqual, ExprOp::Equal},
        {ExprOp::Less, ExprOp::GreaterEqual},  {ExprOp::GreaterEqual, ExprOp::Less},
        {ExprOp::Greater, ExprOp::LessEqual},  {ExprOp::LessEqual, ExprOp::Greater}};
    if (auto found = opposite.find(a->op); found != opposite.end())
      return node(found->second, a->args);
    if (a->op == ExprOp::Not)
      return a->args[0];
    if (a->op == ExprOp::Or)
      return make(ExprOp::And, make(ExprOp::Not, a->args[0]), make(ExprOp::Not, a->args[1]));
  }
  return node(op, {std::move(a)});
}

Term product(const std::vector<Term>& factors) {
  Term all = number(1);
  for (const Term& factor : factors)
    all = make(ExprOp::Multiply, all, factor);
  return all;
}

Term real(ExprOp op, Term a, Term b) {
  return a && b ? node(op, {std::move(a), std::move(b)}) : nullptr;
}

Term real(ExprOp op, Term a) {
  return a ? node(op, {std::move(a)}) : nullptr;
}

Term decimal(double value) {
  if (!std::isfinite(value))
    return nullptr;
  auto made = std::make_shared<ExprNode>();
  made->op = ExprOp::Decimal;
  made->decimal = std::fabs(value);
  return value < 0 ? node(ExprOp::Negate, {made}) : made;
}

Term asReal(const Term& integer) {
  if (!integer || integer->op == ExprOp::Divide || integer->op == ExprOp::Modulo || integer->op == ExprOp::CeilDiv)
    return nullptr;
  for (const Term& part : integer->args)
    if (!asReal(part))
      return nullptr;
  return integer;
}

std::optional<std::int64_t> constantOf(const Term& term) {
  return term && term->op == ExprOp::Integer ? std::optional(term->integer) : std::nullopt;
}

bool isName(const Term& term, const std::string& name) {
  return term && term->op == ExprOp::Name && term->name == name;
}

bool same(const Term& a, const Term& b) {
  if (a == b)
    return a != nullptr;
  if (!a || !b || a->op != b->op || a->integer != b->integer || a->name != b->name || a->args.size() != b->args.size())
    return false;
  for (std::size_t i = 0; i < a->args.size(); ++i)
    if (!same(a->args[i], b->args[i]))
      return false;
  return true;
}

Term substitute(const Term& term, const std::map<std::string, Term>& values) {
  if (!term)
    return nullptr;
  if (term->op == ExprOp::Name) {
    auto found = values.find(term->name);
    return found == values.end() ? term : found->second;
  }
  if (term->args.empty())
    return term;
  Term first = substitute(term->args[0], values);
  return term->args.size() == 1 ? make(term->op, first) : make(term->op, first, substitute(term->args[1], values));
}

std::vector<std::string> factParts(const std::string& name) {
  if (!name.starts_with('$'))
    return {};
  std::vector<std::string> parts(1);
  for (char c : name.substr(1))
    if (c == ':')
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

std::string textOf(const Term& term) {
  return term ? print(*term) : "?";
}

} // namespace kverify::frontend::host
