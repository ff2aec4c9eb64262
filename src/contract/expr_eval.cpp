// The two evaluations of an expression.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "kverify/expr.h"

namespace kverify {
namespace {

std::string describeValues(const ExprNode& node, const Sizes& values) {
  std::string text;
  for (const std::string& name : freeNames(node)) {
    auto at = values.find(name);
    if (at != values.end())
      text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, at->second);
  }
  return text.empty() ? "" : " at " + text;
}

/// The first failure of an evaluation, kept while the recursion unwinds.
struct Failure {
  std::string what;
  unsigned column = 1;
};

class IntegerEvaluator {
public:
  explicit IntegerEvaluator(const Sizes& values) : values_(values) {}

  std::int64_t eval(const ExprNode& node) {
    if (failure)
      return 0;
    switch (node.op) {
    case ExprOp::Integer: return node.integer;
    case ExprOp::Name: return lookUp(node);
    case ExprOp::Negate: return checked(node, __builtin_sub_overflow(std::int64_t{0}, eval(*node.args[0]), &result_));
    case ExprOp::Not: return eval(*node.args[0]) == 0;
    case ExprOp::And: return eval(*node.args[0]) != 0 && eval(*node.args[1]) != 0;
    case ExprOp::Or: return eval(*node.args[0]) != 0 || eval(*node.args[1]) != 0;
    case ExprOp::Decimal:
    case ExprOp::Sqrt:
    case ExprOp::Rsqrt:
    case ExprOp::Log: return reject(node, fmt::format("{} in a place for an integer", nameOf(node.op)));
    default: return binary(node, eval(*node.args[0]), eval(*node.args[1]));
    }
  }

  std::optional<Failure> failure;

private:
  std::int64_t reject(const ExprNode& node, std::string what) {
    if (!failure)
      failure = Failure{std::move(what), node.column};
    return 0;
  }

  std::int64_t checked(const ExprNode& node, bool overflowed) {
    return overflowed ? reject(node, "the result does not fit 64 bits") : result_;
  }

  std::int64_t lookUp(const ExprNode& node) {
    auto at = values_.find(node.name);
    return at == values_.end() ? reject(node, fmt::format("'{}' has no value", node.name)) : at->second;
  }

  std::int64_t binary(const ExprNode& node, std::int64_t a, std::int64_t b) {
    if (failure)
      return 0;
    switch (node.op) {
    case ExprOp::Add: return checked(node, __builtin_add_overflow(a, b, &result_));
    case ExprOp::Subtract: return checked(node, __builtin_sub_overflow(a, b, &result_));
    case ExprOp::Multiply: return checked(node, __builtin_mul_overflow(a, b, &result_));
    case ExprOp::Divide:
    case ExprOp::Modulo:
    case ExprOp::CeilDiv: return divide(node, a, b);
    case ExprOp::Min: return std::min(a, b);
    case ExprOp::Max: return std::max(a, b);
    case ExprOp::Equal: return a == b;
    case ExprOp::NotEqual: return a != b;
    case ExprOp::Less: return a < b;
    case ExprOp::LessEqual: return a <= b;
    case ExprOp::Greater: return a > b;
    case ExprOp::GreaterEqual: return a >= b;
    default: return reject(node, "an unknown operation");
    }
  }

  std::int64_t divide(const ExprNode& node, std::int64_t a, std::int64_t b) {
    if (b == 0)
      return reject(node, "division by zero");
    if (b == -1 && a == std::numeric_limits<std::int64_t>::min())
      return node.op == ExprOp::Modulo ? 0 : reject(node, "the result does not fit 64 bits");
    std::int64_t quotient = a / b, rest = a % b;
    if (node.op == ExprOp::Divide)
      return quotient;
    if (node.op == ExprOp::Modulo)
      return rest;
    return quotient + (rest != 0 && (rest > 0) == (b > 0) ? 1 : 0);
  }

  const Sizes& values_;
  std::int64_t result_ = 0;
};

class RealEvaluator {
public:
  explicit RealEvaluator(const Sizes& values) : values_(values) {}

  double eval(const ExprNode& node) {
    if (failure)
      return 0;
    switch (node.op) {
    case ExprOp::Integer: return static_cast<double>(node.integer);
    case ExprOp::Decimal: return node.decimal;
    case ExprOp::Name: {
      auto at = values_.find(node.name);
      return at == values_.end() ? reject(node, fmt::format("'{}' has no value", node.name))
                                 : static_cast<double>(at->second);
    }
    case ExprOp::Negate: return -eval(*node.args[0]);
    case ExprOp::Not: return eval(*node.args[0]) == 0;
    case ExprOp::And: return eval(*node.args[0]) != 0 && eval(*node.args[1]) != 0;
    case ExprOp::Or: return eval(*node.args[0]) != 0 || eval(*node.args[1]) != 0;
    case ExprOp::Sqrt:
    case ExprOp::Rsqrt:
    case ExprOp::Log: return call(node, eval(*node.args[0]));
    default: return binary(node, eval(*node.args[0]), eval(*node.args[1]));
    }
  }

  std::optional<Failure> failure;

private:
  double reject(const ExprNode& node, std::string what) {
    if (!failure)
      failure = Failure{std::move(what), node.column};
    return 0;
  }

  double finite(const ExprNode& node, double value) {
    return std::isfinite(value) ? value : reject(node, "the result is not finite");
  }

  double call(const ExprNode& node, double x) {
    if (failure)
      return 0;
    if (x < 0 || (x == 0 && node.op != ExprOp::Sqrt))
      return reject(node, fmt::format("{}({}) is not defined", nameOf(node.op), x));
    if (node.op == ExprOp::Log)
      return std::log(x);
    return node.op == ExprOp::Sqrt ? std::sqrt(x) : finite(node, 1.0 / std::sqrt(x));
  }

  double binary(const ExprNode& node, double a, double b) {
    if (failure)
      return 0;
    bool divides = node.op == ExprOp::Divide || node.op == ExprOp::Modulo || node.op == ExprOp::CeilDiv;
    if (divides && b == 0)
      return reject(node, "division by zero");
    switch (node.op) {
    case ExprOp::Add: return finite(node, a + b);
    case ExprOp::Subtract: return finite(node, a - b);
    case ExprOp::Multiply: return finite(node, a * b);
    case ExprOp::Divide: return finite(node, a / b);
    case ExprOp::Modulo: return std::fmod(a, b);
    case ExprOp::CeilDiv: return finite(node, std::ceil(a / b));
    case ExprOp::Min: return std::min(a, b);
    case ExprOp::Max: return std::max(a, b);
    case ExprOp::Equal: return a == b;
    case ExprOp::NotEqual: return a != b;
    case ExprOp::Less: return a < b;
    case ExprOp::LessEqual: return a <= b;
    case ExprOp::Greater: return a > b;
    case ExprOp::GreaterEqual: return a >= b;
    default: return reject(node, "an unknown operation");
    }
  }

  const Sizes& values_;
};

template <class Value, class Evaluator>
Expected<Value> evaluate(const Expr& expr, const Sizes& values) {
  if (!expr.root)
    return fail(ErrorKind::Internal, "an expression without text was evaluated");
  Evaluator evaluator(values);
  Value value = evaluator.eval(*expr.root);
  if (evaluator.failure)
    return fail(ErrorKind::Input,
                fmt::format("{} at column {} of '{}'{}", evaluator.failure->what, evaluator.failure->column, expr.text,
                            describeValues(*expr.root, values)),
                expr.place);
  return value;
}

} // namespace

Expected<std::int64_t> evalInteger(const Expr& expr, const Sizes& values) {
  return evaluate<std::int64_t, IntegerEvaluator>(expr, values);
}

Expected<double> evalReal(const Expr& expr, const Sizes& values) {
  return evaluate<double, RealEvaluator>(expr, values);
}

bool isIntegerValued(const ExprNode& node) {
  switch (node.op) {
  case ExprOp::Decimal:
  case ExprOp::Sqrt:
  case ExprOp::Rsqrt:
  case ExprOp::Log: return false;
  default: break;
  }
  for (const ExprPtr& arg : node.args)
    if (!isIntegerValued(*arg))
      return false;
  return true;
}

std::set<std::string> freeNames(const ExprNode& node) {
  std::set<std::string> names;
  if (node.op == ExprOp::Name)
    names.insert(node.name);
  for (const ExprPtr& arg : node.args)
    names.merge(freeNames(*arg));
  return names;
}

} // namespace kverify
