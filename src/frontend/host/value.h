#pragma once
// What an expression of host code may be, and what is known of a tensor while the code is followed.
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "frontend/host/term.h"

namespace clang {
class FunctionDecl;
class VarDecl;
} // namespace clang

namespace kverify::frontend::host {

struct Value {
  enum class Kind {
    Unknown,
    Integer,  ///< term
    Real,     ///< term (a quotient of integers, or whole), or nothing but that it is real
    Tensor,   ///< tensor, viewed with dims or not
    Pointer,  ///< into tensor, term elements from its start
    Accessor, ///< packed: tensor, dims
    Dims,     ///< a dim3: three dims
    List,     ///< of values
    Sizes,    ///< of a tensor whose rank is not known: as a whole only
    Element,  ///< an element type: of tensor, or `element`
    Options,  ///< TensorOptions: `element`, or that of tensor
    Null,
    Function,
    Address, ///< of a variable
    Opaque,  ///< no matter: a stream, a string
  };
  Kind kind = Kind::Unknown;
  Term term;
  std::size_t tensor = kNoTensor;
  bool viewed = false;     ///< dims count, not the tensor's own
  bool transposed = false; ///< strides are not row-major any more
  std::vector<Term> dims;
  std::vector<Value> list;
  std::string element; ///< "Float", as c10::ScalarType names it
  double real = 0;
  bool has_real = false;
  Term formula; ///< of Real without `real`: over sizes, as term.h's real() makes it; null = not known
  const clang::FunctionDecl* function = nullptr;
  const clang::VarDecl* variable = nullptr;
  bool unset = false; ///< of Unknown: a variable that was never given a value
  std::string why; ///< of Unknown: "props.warpSize (line 12)"

  static constexpr std::size_t kNoTensor = ~std::size_t{0};
  static Value integer(Term term, std::string why = {}) {
    Value value;
    value.kind = term ? Kind::Integer : Kind::Unknown;
    value.term = std::move(term);
    value.why = std::move(why);
    return value;
  }
  static Value unknown(std::string why) {
    Value value;
    value.why = std::move(why);
    return value;
  }
  static Value of(Kind kind) {
    Value value;
    value.kind = kind;
    return value;
  }
  static Value ofTensor(std::size_t tensor) {
    Value value = of(Kind::Tensor);
    value.tensor = tensor;
    return value;
  }
};

/// The value as a formula over sizes, or null.
inline Term formulaOf(const Value& value) {
  if (value.kind == Value::Kind::Integer)
    return asReal(value.term);
  if (value.kind != Value::Kind::Real)
    return nullptr;
  return value.formula ? value.formula : value.has_real ? decimal(value.real) : nullptr;
}

/// A tensor, or device memory that is not torch's.
struct TensorState {
  enum class Origin { Input, Allocated, Computed };
  std::string name;
  std::string meaning; ///< "parameter x", "torch::zeros"
  unsigned line = 0;
  Origin origin = Origin::Input;
  bool raw = false;         ///< a pointer that a caller gives: nothing is known but its type
  bool zeroed = false;      ///< every element starts as zero
  bool initialised = false; ///< has contents, whatever they are
  std::string element;      ///< "Float"; empty = not said yet
  std::size_t like = Value::kNoTensor; ///< has this one's shape
  std::vector<Term> shape;             ///< of an allocation
  std::optional<bool> defined;         ///< of an optional one: which way was taken
  bool optional = false;
  // Of inputs, whose shape is what the code asks about:
  std::optional<std::int64_t> rank; ///< when it is certain
  std::set<std::int64_t> asked;     ///< size(i), i from the front, or from the back where negative
  bool asked_numel = false;
};

} // namespace kverify::frontend::host
