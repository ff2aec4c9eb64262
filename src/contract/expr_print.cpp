// Expressions back to text.
#include <fmt/format.h>

#include "kverify/expr.h"

namespace kverify {
namespace {

/// Binding strength, loosest first; leaves and calls bind strongest.
int precedenceOf(ExprOp op) {
  switch (op) {
  case ExprOp::Or: return 1;
  case ExprOp::And: return 2;
  case ExprOp::Not: return 3;
  case ExprOp::Equal:
  case ExprOp::NotEqual:
  case ExprOp::Less:
  case ExprOp::LessEqual:
  case ExprOp::Greater:
  case ExprOp::GreaterEqual: return 4;
  case ExprOp::Add:
  case ExprOp::Subtract: return 5;
  case ExprOp::Multiply:
  case ExprOp::Divide:
  case ExprOp::Modulo: return 6;
  case ExprOp::Negate: return 7;
  default: return 8;
  }
}

/// Puts parentheses around an operand that binds less tightly than `least`.
std::string operand(const ExprNode& node, int least) {
  std::string text = print(node);
  // A negative literal (only made by hand, never by the parser) reads as a negation.
  bool is_negative =
      (node.op == ExprOp::Integer && node.integer < 0) || (node.op == ExprOp::Decimal && node.decimal < 0);
  int precedence = is_negative ? precedenceOf(ExprOp::Negate) : precedenceOf(node.op);
  return precedence < least ? "(" + text + ")" : text;
}

} // namespace

std::string_view nameOf(ExprOp op) {
  switch (op) {
  case ExprOp::Integer: return "integer";
  case ExprOp::Decimal: return "decimal number";
  case ExprOp::Name: return "name";
  case ExprOp::Negate:
  case ExprOp::Subtract: return "-";
  case ExprOp::Not: return "not";
  case ExprOp::Add: return "+";
  case ExprOp::Multiply: return "*";
  case ExprOp::Divide: return "/";
  case ExprOp::Modulo: return "%";
  case ExprOp::CeilDiv: return "ceildiv";
  case ExprOp::Min: return "min";
  case ExprOp::Max: return "max";
  case ExprOp::Equal: return "==";
  case ExprOp::NotEqual: return "!=";
  case ExprOp::Less: return "<";
  case ExprOp::LessEqual: return "<=";
  case ExprOp::Greater: return ">";
  case ExprOp::GreaterEqual: return ">=";
  case ExprOp::And: return "and";
  case ExprOp::Or: return "or";
  case ExprOp::Sqrt: return "sqrt";
  case ExprOp::Rsqrt: return "rsqrt";
  case ExprOp::Log: return "log";
  }
  return "?";
}

std::string print(const ExprNode& node) {
  int own = precedenceOf(node.op);
  switch (node.op) {
  case ExprOp::Integer: return std::to_string(node.integer);
  case ExprOp::Decimal: {
    std::string text = fmt::format("{}", node.decimal);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  case ExprOp::Name: return node.name;
  case ExprOp::Negate: return "-" + operand(*node.args[0], own);
  case ExprOp::Not: return "not " + operand(*node.args[0], own);
  case ExprOp::CeilDiv:
  case ExprOp::Min:
  case ExprOp::Max: return fmt::format("{}({}, {})", nameOf(node.op), print(*node.args[0]), print(*node.args[1]));
  case ExprOp::Sqrt:
  case ExprOp::Rsqrt:
  case ExprOp::Log: return fmt::format("{}({})", nameOf(node.op), print(*node.args[0]));
  default: break;
  }
  // Left-associative, except comparisons, which do not chain.
  int left = own == 4 ? own + 1 : own;
  return fmt::format("{} {} {}", operand(*node.args[0], left), nameOf(node.op), operand(*node.args[1], own + 1));
}

} // namespace kverify
