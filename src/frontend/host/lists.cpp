// Lists of numbers in host code: the sizes of a tensor, vectors and arrays, and what changes them.
#include <clang/AST/ExprCXX.h>
#include <fmt/format.h>

#include "frontend/host/interpreter.h"

namespace kverify::frontend::host {
namespace {

using Kind = Value::Kind;

/// The index of `list.begin() + index`; null for others.
const clang::Expr* placeFromBegin(const clang::Expr* place) {
  const clang::Expr* inner = place->IgnoreParenImpCasts();
  while (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(inner)) { // iterator to const_iterator
    if (made->getNumArgs() != 1)
      return nullptr;
    inner = made->getArg(0)->IgnoreParenImpCasts();
    if (const auto* temporary = llvm::dyn_cast<clang::MaterializeTemporaryExpr>(inner))
      inner = temporary->getSubExpr()->IgnoreParenImpCasts();
  }
  const auto* sum = llvm::dyn_cast<clang::CXXOperatorCallExpr>(inner);
  return sum && sum->getOperator() == clang::OO_Plus && sum->getNumArgs() == 2 ? sum->getArg(1) : nullptr;
}

} // namespace

const clang::VarDecl* variableOf(const clang::Expr* expression) {
  const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(expression->IgnoreParenImpCasts());
  return reference ? llvm::dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
}

/// Code that is written for any number of dimensions is followed for one: every such number is legal.
void Interpreter::pinRank(std::size_t index, std::int64_t least) {
  TensorState& tensor = trace_.tensors[shapeOwner(index)];
  if (tensor.origin == TensorState::Origin::Allocated || tensor.rank || tensor.raw)
    return;
  std::int64_t rank = least;
  for (std::int64_t at : tensor.asked)
    rank = std::max({rank, at + 1, -at});
  tensor.rank = rank;
  pinned_[tensor.name + "_dim"] = number(rank);
  fact(fmt::format("'{}' has {} dimensions", tensor.name, rank), tensor.line, Certainty::Assumed);
}

/// What is pinned of the term's ranks, put in; ranks that are open are pinned first.
Term Interpreter::withRanks(const Term& term) {
  if (!term)
    return term;
  std::set<std::string> names = freeNames(*term);
  for (std::size_t i = 0; i < trace_.tensors.size(); ++i)
    if (names.contains(trace_.tensors[i].name + "_dim"))
      pinRank(i);
  return substitute(term, pinned_);
}

/// The sizes of a tensor one by one.
Value Interpreter::listed(const Value& sizes) {
  if (sizes.kind != Kind::Sizes)
    return sizes;
  pinRank(sizes.tensor);
  Value tensor = Value::ofTensor(sizes.tensor), list = Value::of(Kind::List);
  auto dims = dimsOf(tensor);
  if (!dims)
    return Value::unknown("the sizes of a tensor of unknown rank");
  for (std::size_t i = 0; i < dims->size(); ++i)
    list.list.push_back(Value::integer(sizeOf(tensor, number(static_cast<std::int64_t>(i)))));
  return list;
}

/// base[index] = value. What can't be followed leaves the whole list unknown, never as it was.
void Interpreter::assignElement(const clang::Expr* base, const clang::Expr* index, const Value& value) {
  const clang::VarDecl* variable = variableOf(base);
  if (!variable)
    return;
  Value at = eval(index), list = listed(variables_[variable]);
  auto place = at.kind == Kind::Integer ? constantOf(at.term) : std::nullopt;
  std::int64_t count = static_cast<std::int64_t>(list.list.size());
  if (list.kind == Kind::List && place && *place >= 0 && *place < count)
    list.list[static_cast<std::size_t>(*place)] = value;
  else
    list = Value::unknown(fmt::format("'{}' is changed in a way that is not followed (line {})", variable->getNameAsString(), lineOf(base)));
  variables_[variable] = std::move(list);
}

/// Does the method change the vector it is called on? Then the variable holds what comes out.
bool Interpreter::changesList(const clang::CallExpr& call, const Value& self, const std::string& name) {
  static const std::set<std::string> harmless = {"begin", "end", "data", "at", "back", "front", "reserve", "shrink_to_fit", "rbegin", "rend"};
  const auto* method = llvm::dyn_cast<clang::CXXMemberCallExpr>(&call);
  const clang::CXXMethodDecl* callee = method ? method->getMethodDecl() : nullptr;
  if (!callee || callee->isConst() || callee->isStatic() || harmless.contains(name) || recordNameOf(method->getObjectType()) != "std::vector")
    return false;
  const clang::VarDecl* variable = variableOf(method->getImplicitObjectArgument());
  if (!variable)
    return false;
  Value list = listed(self);
  const clang::Expr* place = name == "erase" && call.getNumArgs() == 1 ? placeFromBegin(call.getArg(0)) : nullptr;
  const std::int64_t at = place ? constantOf(eval(place).term).value_or(-1) : -1;
  if (list.kind == Kind::List && call.getNumArgs() == 1 && (name == "push_back" || name == "emplace_back"))
    list.list.push_back(eval(call.getArg(0)));
  else if (list.kind == Kind::List && name == "pop_back" && !list.list.empty())
    list.list.pop_back();
  else if (list.kind == Kind::List && at >= 0 && at < static_cast<std::int64_t>(list.list.size()))
    list.list.erase(list.list.begin() + at);
  else
    list = Value::unknown(fmt::format("'{}' is changed in a way that is not followed (line {})", variable->getNameAsString(), lineOf(&call)));
  variables_[variable] = std::move(list);
  return true;
}

Value Interpreter::listMethod(const std::string& name, Value self, const clang::CallExpr& call) {
  if (changesList(call, self, name))
    return Value::of(Kind::Opaque);
  Value index = call.getNumArgs() > 0 ? eval(call.getArg(0)) : Value{};
  if (self.kind == Kind::Sizes) {
    Value tensor = Value::ofTensor(self.tensor);
    if (name == "operator[]" || name == "at")
      return Value::integer(sizeOf(tensor, index.kind == Kind::Integer ? index.term : nullptr), whyUnknown(&call));
    if (name == "size")
      return Value::integer(rankOf(tensor));
    if (name == "back" || name == "front")
      return Value::integer(sizeOf(tensor, number(name == "back" ? -1 : 0)), whyUnknown(&call));
    return self; // vec()
  }
  std::int64_t at = index.kind == Kind::Integer ? constantOf(index.term).value_or(-1) : -1;
  std::int64_t count = static_cast<std::int64_t>(self.list.size());
  if (name == "size")
    return Value::integer(number(count));
  if ((name == "operator[]" || name == "at") && at >= 0 && at < count)
    return self.list[static_cast<std::size_t>(at)];
  if ((name == "back" || name == "front") && count)
    return name == "back" ? self.list.back() : self.list.front();
  if (name == "vec")
    return self;
  return Value::unknown(whyUnknown(&call));
}

} // namespace kverify::frontend::host
