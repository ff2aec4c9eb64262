#pragma once
// The one expression language: sizes, shapes, strides, launches, requirements and scalar arguments are written in it.
//
//   or  |  and  |  not  |  == != < <= > >=  |  + -  |  * / %  |  unary -  |  names, numbers, calls, ( )
//
// Calls: ceildiv(a,b) min(a,b) max(a,b), and in real-valued places sqrt(x) rsqrt(x) log(x) and decimal literals.
// `&&`, `||` and `!` are the same as the words. Comparisons give 0 or 1 and do not chain; `and` and `or` stop early.
// One parser and one tree; two evaluations: 64-bit integers (overflow is an error) and doubles (`/` is real division).
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kverify/error.h"

namespace kverify {

/// Values of names: the sizes of one case.
using Sizes = std::map<std::string, std::int64_t>;

enum class ExprOp {
  Integer,
  Decimal,
  Name,
  Negate,
  Not,
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo,
  CeilDiv,
  Min,
  Max,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  And,
  Or,
  Sqrt,
  Rsqrt,
  Log,
};

struct ExprNode;
using ExprPtr = std::shared_ptr<const ExprNode>;

/// One node of the immutable tree. Leaves use `integer`, `decimal` or `name`; all others use `args` (one or two).
struct ExprNode {
  ExprOp op = ExprOp::Integer;
  std::int64_t integer = 0;
  double decimal = 0;
  std::string name;
  unsigned column = 1; ///< in the text, from 1
  std::vector<ExprPtr> args;
};

/// A parsed expression with where it came from. Cheap to copy; never null except when default-constructed.
struct Expr {
  ExprPtr root;
  std::string text;  ///< as written
  std::string place; ///< "contract.json:12 (/tensors/Q/shape/1)", or empty

  explicit operator bool() const { return root != nullptr; }
};

enum class ExprMode {
  Integer, ///< decimal literals, sqrt, rsqrt and log are refused
  Real,    ///< everything
};

/// Parses `text`. With `names` not null, any other name is an error that gives the nearest one.
/// Errors: Input, "…: expected ')' at column 7 of 'min(N, 3'".
Expected<Expr> parseExpr(std::string_view text, ExprMode mode = ExprMode::Integer,
                         const std::vector<std::string>* names = nullptr, std::string place = {});

/// An expression that is just a number.
Expr integerExpr(std::int64_t value, std::string place = {});
Expr decimalExpr(double value, std::string place = {});

/// Integer value, C semantics (division truncates). ceildiv rounds towards plus infinity.
/// Errors: Input: overflow, division by zero, a name without a value, a real-valued operation.
Expected<std::int64_t> evalInteger(const Expr& expr, const Sizes& values);

/// Real value; `/` is real division, `%` is fmod, ceildiv(a,b) is ceil(a/b).
/// Errors: Input: division by zero, sqrt or log outside its domain, a result that is not finite.
Expected<double> evalReal(const Expr& expr, const Sizes& values);

/// True where evalInteger can be asked: no decimal literal, sqrt, rsqrt or log in it.
bool isIntegerValued(const ExprNode& node);

/// Canonical text with as few parentheses as needed; parsing it gives the same tree.
std::string print(const ExprNode& node);

/// Every name in it.
std::set<std::string> freeNames(const ExprNode& node);

/// "+" , "ceildiv", … : how the operation is written.
std::string_view nameOf(ExprOp op);

} // namespace kverify
