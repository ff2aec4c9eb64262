#include "frontend/host/parameter.h"

#include <algorithm>

namespace kverify::frontend::host {

using Kind = Value::Kind;

HostParameter parameterOf(const std::string& name, const Value& value, const TensorState* tensor, std::vector<Term> shape) {
  HostParameter given{.name = name};
  if (tensor && !tensor->defined.value_or(true)) {
    given.kind = HostParameter::Kind::Absent;
  } else if (tensor) {
    given.kind = value.kind == Kind::Pointer ? HostParameter::Kind::Pointer : HostParameter::Kind::Tensor;
    given.element = tensor->element.empty() ? "Float" : tensor->element;
    given.element_known = !tensor->element.empty();
    given.terms = std::move(shape);
  } else if (value.kind == Kind::Integer || value.kind == Kind::List) {
    given.kind = HostParameter::Kind::Integer;
    for (const Value& one : value.kind == Kind::List ? value.list : std::vector<Value>{value})
      given.terms.push_back(one.kind == Kind::Integer ? one.term : nullptr);
  } else if (value.kind == Kind::Real && value.has_real) {
    given.kind = HostParameter::Kind::Real;
    given.real = value.real;
  }
  bool known = std::all_of(given.terms.begin(), given.terms.end(), [](const Term& term) { return term != nullptr; });
  return known ? given : HostParameter{.name = name};
}

} // namespace kverify::frontend::host
