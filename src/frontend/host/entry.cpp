// The beginning: what a caller may pass.
#include <algorithm>
#include <cctype>

#include <clang/AST/DeclTemplate.h>
#include <fmt/format.h>

#include "frontend/host/bind_words.h"
#include "frontend/host/interpreter.h"

namespace kverify::frontend::host {
namespace {

using Kind = Value::Kind;

bool isAxis(const std::string& name) {
  std::string lower = lowerCase(name);
  return lower == "dim" || lower == "axis" || lower == "reduce_dim" || lower == "reduction_dim" || lower == "dimension";
}

/// Lies between 0 and 1, and 1 - p is divided by.
bool isShare(const std::string& name) {
  std::string lower = lowerCase(name);
  return lower == "p" || lower.find("drop") != std::string::npos || lower.find("prob") != std::string::npos;
}

/// The values of an integer parameter that are tried. The host code does not say what callers promise; small ones keep
/// shapes of windows (size, stride, padding) sensible.
std::pair<std::int64_t, std::int64_t> usualRange(const std::string& name) {
  std::string lower = lowerCase(name);
  auto has = [&](const char* word) { return lower.find(word) != std::string::npos; };
  if (has("pad") || has("axis") || lower == "dim")
    return {0, 1};
  if (has("kernel") || has("stride") || has("dilation") || has("group") || has("pool") || has("scale"))
    return {1, 3};
  return {1, 1024};
}

std::optional<std::int64_t> numberIn(const clang::Expr* expression, const clang::ASTContext& context) {
  clang::Expr::EvalResult result;
  bool known = !expression->isValueDependent() && expression->EvaluateAsInt(result, context) && result.Val.getInt().isRepresentableByInt64();
  return known ? std::optional(result.Val.getInt().getExtValue()) : std::nullopt;
}

/// The number that the statement itself compares something with: `dim == 2`, `2 != stride.size()`.
std::optional<std::int64_t> comparedNumber(const clang::Stmt* statement, llvm::function_ref<bool(const clang::Expr*)> is_it, const clang::ASTContext& context) {
  const auto* equal = llvm::dyn_cast<clang::BinaryOperator>(statement);
  if (!equal || !equal->isEqualityOp())
    return std::nullopt;
  return is_it(equal->getLHS()) ? numberIn(equal->getRHS(), context) : is_it(equal->getRHS()) ? numberIn(equal->getLHS(), context) : std::nullopt;
}

/// How many elements of a vector the function asks for: those it names, `stride[1]`, and as many as it insists on, `stride.size() == 2`.
std::int64_t elementsNamed(const clang::Stmt* statement, const clang::ParmVarDecl& list, const clang::ASTContext& context) {
  if (!statement)
    return 0;
  auto is_size = [&](const clang::Expr* expression) {
    const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(expression->IgnoreParenImpCasts());
    return call && call->getMethodDecl() && call->getNumArgs() == 0 && variableOf(call->getImplicitObjectArgument()) == &list &&
           call->getMethodDecl()->getNameAsString() == "size";
  };
  std::int64_t most = comparedNumber(statement, is_size, context).value_or(0);
  if (const auto* at = llvm::dyn_cast<clang::CXXOperatorCallExpr>(statement); at && at->getOperator() == clang::OO_Subscript && variableOf(at->getArg(0)) == &list)
    most = numberIn(at->getArg(1), context).value_or(-1) + 1;
  const auto* at_call = llvm::dyn_cast<clang::CXXMemberCallExpr>(statement);
  if (at_call && at_call->getNumArgs() == 1 && at_call->getMethodDecl() && at_call->getMethodDecl()->getNameAsString() == "at" && variableOf(at_call->getImplicitObjectArgument()) == &list)
    most = numberIn(at_call->getArg(0), context).value_or(-1) + 1;
  for (const clang::Stmt* child : statement->children())
    most = std::max(most, elementsNamed(child, list, context));
  return most;
}

/// Numbers that the function compares the parameter with: `TORCH_CHECK(dim == 2)`.
void comparedWith(const clang::Stmt* statement, const clang::ParmVarDecl& parameter, const clang::ASTContext& context, std::set<std::int64_t>& numbers) {
  if (!statement)
    return;
  if (auto compared = comparedNumber(statement, [&](const clang::Expr* one) { return variableOf(one) == &parameter; }, context))
    numbers.insert(*compared);
  for (const clang::Stmt* child : statement->children())
    comparedWith(child, parameter, context, numbers);
}

} // namespace

std::size_t Choices::choose(std::size_t count) {
  if (count < 2)
    return 0;
  if (at_ == taken_.size())
    taken_.push_back({0, count});
  return taken_[at_++].first;
}

bool Choices::next() {
  taken_.resize(at_);
  at_ = 0;
  while (!taken_.empty() && taken_.back().first + 1 == taken_.back().second)
    taken_.pop_back();
  if (taken_.empty())
    return false;
  ++taken_.back().first;
  return true;
}

std::string Interpreter::fresh(const std::string& name) {
  std::string plain;
  for (char c : name)
    plain += std::isalnum(static_cast<unsigned char>(c)) || c == '_' ? c : '_';
  if (plain.empty() || std::isdigit(static_cast<unsigned char>(plain[0])))
    plain = "t" + plain;
  // Words of the expression language are no names.
  static const std::set<std::string> words = {"and", "or", "not", "min", "max", "ceildiv", "sqrt", "rsqrt", "log"};
  std::string one = words.contains(plain) ? plain + "_" : plain;
  for (int i = 2; !names_.insert(one).second; ++i)
    one = fmt::format("{}_v{}", plain, i);
  return one;
}

Value Interpreter::freeInteger(const std::string& name, const std::string& meaning, unsigned line, std::int64_t low,
                               std::int64_t high, bool legal) {
  for (const FreeInteger& known : trace_.integers)
    if (known.meaning == meaning && known.line == line)
      return Value::integer(nameTerm(known.name));
  trace_.integers.push_back({fresh(name), meaning, low, high, line, legal});
  return Value::integer(nameTerm(trace_.integers.back().name));
}

Value Interpreter::freeTensor(const std::string& name, const std::string& meaning, unsigned line) {
  TensorState tensor;
  tensor.name = fresh(name);
  tensor.meaning = meaning;
  tensor.line = line;
  tensor.initialised = true;
  trace_.tensors.push_back(std::move(tensor));
  return Value::ofTensor(trace_.tensors.size() - 1);
}

/// Integers and tensors, one of each type.
Value Interpreter::freeParts(const std::vector<clang::QualType>& types, const std::string& name, const std::string& meaning, unsigned line) {
  Value list = Value::of(Kind::List);
  auto [low, high] = usualRange(name);
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string part = fmt::format("{}_{}", name, i), what = fmt::format("number {} of {}", i, meaning);
    list.list.push_back(isTensor(types[i]) ? freeTensor(part, what, line) : freeInteger(part, what, line, low, high));
  }
  return list;
}

/// std::tuple<int, int>, as of strides and paddings.
Value Interpreter::freeTuple(const clang::ClassTemplateSpecializationDecl& type, const std::string& name, const std::string& meaning, unsigned line) {
  std::vector<clang::QualType> types;
  for (const clang::TemplateArgument& argument : type.getTemplateArgs().asArray()) {
    if (argument.getKind() == clang::TemplateArgument::Type)
      types.push_back(argument.getAsType());
    else if (argument.getKind() == clang::TemplateArgument::Pack)
      for (const clang::TemplateArgument& one : argument.pack_elements())
        types.push_back(one.getAsType());
  }
  if (!std::all_of(types.begin(), types.end(), [](clang::QualType one) { return one->isIntegerType(); }))
    return Value::unknown(fmt::format("'{}', which the caller gives (line {})", name, line));
  return freeParts(types, name, meaning, line);
}

/// std::vector<int64_t>, IntArrayRef, std::array<int, 2>. `count`: where the type says how many.
Value Interpreter::freeList(const clang::ParmVarDecl& parameter, clang::QualType element, std::optional<std::int64_t> count, const std::string& meaning) {
  const std::string name = parameter.getNameAsString();
  const unsigned line = lineOf(parameter.getLocation());
  const auto* function = llvm::dyn_cast_or_null<clang::FunctionDecl>(parameter.getParentFunctionOrMethod());
  const std::int64_t elements = count ? *count : function ? elementsNamed(function->getBody(), parameter, context_) : 0;
  if (elements < 1 || elements > 16 || (!isTensor(element) && !element->isIntegerType()))
    return Value::unknown(fmt::format("'{}', which the caller gives (line {})", name, line));
  if (!count)
    fact(fmt::format("'{}' has {} elements", name, elements), line, Certainty::Assumed);
  return freeParts(std::vector<clang::QualType>(static_cast<std::size_t>(elements), element), name, meaning, line);
}

Value Interpreter::freeParameter(const clang::ParmVarDecl& parameter) {
  std::string name = parameter.getNameAsString().empty() ? "parameter" : parameter.getNameAsString();
  std::string meaning = "the parameter " + name;
  unsigned line = lineOf(parameter.getLocation());
  clang::QualType type = parameter.getType().getNonReferenceType().getCanonicalType();
  std::string record = recordNameOf(type);
  if (isTensor(type))
    return freeTensor(name, meaning, line);
  if (type->isBooleanType()) {
    Value value = freeInteger(name, meaning, line, 0, 1, true);
    return Value::integer(make(ExprOp::NotEqual, value.term, number(0)));
  }
  if (type->isIntegerType() && !type->isEnumeralType()) {
    auto [low, high] = usualRange(name);
    if (isAxis(name)) { // code indexes with it, so it has to be a number: every way has its own
      std::set<std::int64_t> axes = {0, 1};
      if (const auto* function = llvm::dyn_cast_or_null<clang::FunctionDecl>(parameter.getParentFunctionOrMethod()))
        comparedWith(function->getBody(), parameter, context_, axes);
      std::int64_t axis = *std::next(axes.begin(), static_cast<std::ptrdiff_t>(choices_.choose(axes.size())));
      trace_.way.push_back(fmt::format("{} == {} (line {})", name, axis, line));
      guess(Guess::About::Values, fmt::format("which values {} may have is not said (line {})", meaning, line));
      return Value::integer(number(axis));
    }
    return freeInteger(name, meaning, line, low, high);
  }
  if (type->isRealFloatingType() || record == "c10::Scalar") {
    Value value = Value::of(Kind::Real);
    value.has_real = true;
    value.real = isShare(name) ? 0.5 : 1;
    if (parameter.hasInit() && !parameter.hasUninstantiatedDefaultArg())
      if (Value usual = eval(parameter.getInit()); usual.has_real)
        value.real = usual.real;
    fact(fmt::format("{} is {}", name, value.real), line, Certainty::Assumed);
    trace_.given[name] = value.real;
    return value;
  }
  if (type->isPointerType() && !type->getPointeeType()->isFunctionType() && !type->getPointeeType()->isPointerType()) {
    Value pointer = freeTensor(name, meaning, line);
    trace_.tensors.back().raw = true;
    trace_.tensors.back().rank = 1;
    settleElement(pointer.tensor, elementNameOf(type->getPointeeType()));
    pointer.kind = Kind::Pointer;
    pointer.term = number(0);
    return pointer;
  }
  if (const auto* tuple = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(type->getAsCXXRecordDecl()); tuple && (record == "std::tuple" || record == "std::pair"))
    return freeTuple(*tuple, name, meaning, line);
  const auto* optional = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(type->getAsCXXRecordDecl());
  if (optional && (record == "std::vector" || record == "c10::ArrayRef" || record == "std::array")) {
    std::optional<std::int64_t> count;
    if (record == "std::array")
      count = optional->getTemplateArgs()[1].getAsIntegral().getExtValue();
    return freeList(parameter, optional->getTemplateArgs()[0].getAsType(), count, meaning);
  }
  if (record == "std::optional" && optional && isTensor(optional->getTemplateArgs()[0].getAsType())) {
    Value tensor = freeTensor(name, meaning, line);
    trace_.tensors.back().optional = true;
    return tensor;
  }
  if (record == "dim3") {
    Value dims = Value::of(Kind::Dims);
    dims.dims = {nullptr, nullptr, nullptr};
    dims.why = fmt::format("'{}' (line {})", name, line);
    return dims;
  }
  return Value::unknown(fmt::format("'{}', which the caller gives (line {})", name, line));
}

void Interpreter::bindParameters(const clang::FunctionDecl& entry) {
  bool is_main = entry.isMain();
  for (const clang::ParmVarDecl* parameter : entry.parameters()) {
    Value value = is_main ? Value::unknown("the command line") : freeParameter(*parameter);
    trace_.parameters.push_back({parameter->getNameAsString(), value});
    variables_[parameter] = std::move(value);
  }
}

Trace Interpreter::follow(const clang::FunctionDecl& entry) {
  bindParameters(entry);
  returned_.push_back(Value::of(Kind::Opaque));
  if (exec(entry.getBody()) == Flow::Stop)
    trace_.possible = false;
  return std::move(trace_);
}

} // namespace kverify::frontend::host
