// Expressions: arithmetic, references, conversions.
#include <algorithm>

#include <clang/AST/ExprCXX.h>
#include <clang/Lex/Lexer.h>
#include <fmt/format.h>

#include "frontend/host/bind_words.h"
#include "frontend/host/interpreter.h"

namespace kverify::frontend::host {
namespace {
using Kind = Value::Kind;
} // namespace

std::string recordNameOf(clang::QualType type) {
  type = type.getNonReferenceType().getCanonicalType();
  const clang::CXXRecordDecl* record = type->getAsCXXRecordDecl();
  return record ? record->getQualifiedNameAsString() : "";
}

bool isTensor(clang::QualType type) {
  return recordNameOf(type) == "at::Tensor";
}

std::string elementNameOf(clang::QualType type) {
  type = type.getNonReferenceType().getCanonicalType().getUnqualifiedType();
  if (const auto* builtin = type->getAs<clang::BuiltinType>()) {
    switch (builtin->getKind()) {
    case clang::BuiltinType::Float: return "Float";
    case clang::BuiltinType::Double: return "Double";
    case clang::BuiltinType::Half:
    case clang::BuiltinType::Float16: return "Half";
    case clang::BuiltinType::BFloat16: return "BFloat16";
    case clang::BuiltinType::Bool: return "Bool";
    case clang::BuiltinType::Int:
    case clang::BuiltinType::UInt: return "Int";
    case clang::BuiltinType::Long:
    case clang::BuiltinType::ULong:
    case clang::BuiltinType::LongLong:
    case clang::BuiltinType::ULongLong: return "Long";
    case clang::BuiltinType::UChar:
    case clang::BuiltinType::SChar:
    case clang::BuiltinType::Char_S:
    case clang::BuiltinType::Char_U: return "Byte";
    case clang::BuiltinType::Short:
    case clang::BuiltinType::UShort: return "Short";
    default: return "";
    }
  }
  static const std::map<std::string, std::string> records = {
      {"c10::Half", "Half"}, {"__half", "Half"}, {"__half2", "Half"}, {"c10::BFloat16", "BFloat16"},
      {"__nv_bfloat16", "BFloat16"}, {"__nv_bfloat162", "BFloat16"}, {"float2", "Float"}, {"float3", "Float"},
      {"float4", "Float"}, {"int2", "Int"}, {"int4", "Int"}, {"double2", "Double"}};
  auto found = records.find(recordNameOf(type));
  return found == records.end() ? "" : found->second;
}

std::string Interpreter::textOfSource(const clang::Stmt* statement) const {
  const auto& sources = context_.getSourceManager();
  auto range = clang::CharSourceRange::getTokenRange(statement->getSourceRange());
  range = clang::Lexer::makeFileCharRange(range, sources, context_.getLangOpts());
  if (range.isInvalid()) // parts of several macros: where they are used
    range = sources.getExpansionRange(statement->getSourceRange());
  std::string text = clang::Lexer::getSourceText(range, sources, context_.getLangOpts()).str(), line;
  for (char c : text)
    if (c == '\n' || c == '\t' || c == ' ') {
      if (!line.empty() && line.back() != ' ')
        line += ' ';
    } else {
      line += c;
    }
  return line.size() > 100 ? line.substr(0, 97) + "..." : line;
}

unsigned Interpreter::lineOf(clang::SourceLocation location) const {
  const auto& sources = context_.getSourceManager();
  auto place = sources.getPresumedLoc(sources.getExpansionLoc(location));
  return place.isValid() ? place.getLine() : 0;
}

unsigned Interpreter::lineOf(const clang::Stmt* statement) const {
  return lineOf(statement->getBeginLoc());
}

std::string Interpreter::whyUnknown(const clang::Expr* expression) const {
  return fmt::format("'{}' (line {})", textOfSource(expression), lineOf(expression));
}

void Interpreter::fact(std::string text, unsigned line, Certainty certainty) {
  for (const Fact& known : trace_.facts)
    if (known.text == text && known.line == line)
      return;
  trace_.facts.push_back({std::move(text), line, certainty});
}

void Interpreter::guess(Guess::About about, std::string text, std::string tensor) {
  for (const Guess& known : trace_.guesses)
    if (known.text == text)
      return;
  trace_.guesses.push_back({about, std::move(tensor), std::move(text)});
}

Value Interpreter::converted(Value value, clang::QualType to) {
  to = to.getNonReferenceType().getCanonicalType();
  if (recordNameOf(to) == "dim3" && value.kind == Kind::Integer) {
    Value dims = Value::of(Kind::Dims);
    dims.dims = {value.term, number(1), number(1)};
    return dims;
  }
  if (to->isBooleanType() && value.kind == Kind::Integer && value.term && !constantOf(value.term) && value.term->op == ExprOp::Name &&
      !value.term->name.starts_with('$'))
    return Value::integer(make(ExprOp::NotEqual, value.term, number(0)));
  if (to->isIntegerType() && value.kind == Kind::Real)
    return value.term ? Value::integer(value.term) // a quotient loses its fraction, as '/' of integers does
                      : Value::unknown(value.why);
  if (to->isRealFloatingType() && value.kind == Kind::Integer) {
    value.kind = Kind::Real;
    value.formula = asReal(value.term);
    if (auto constant = constantOf(value.term)) {
      value.real = static_cast<double>(*constant);
      value.has_real = true;
    }
  }
  return value;
}

Value Interpreter::evalReference(const clang::DeclRefExpr& expression) {
  const clang::ValueDecl* declaration = expression.getDecl();
  if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(declaration)) {
    Value value = Value::of(Kind::Function);
    value.function = function;
    return value;
  }
  if (const auto* constant = llvm::dyn_cast<clang::EnumConstantDecl>(declaration)) {
    const auto* type = constant->getType()->getAs<clang::EnumType>();
    if (type && type->getDecl()->getNameAsString() == "ScalarType") {
      Value value = Value::of(Kind::Element);
      value.element = constant->getNameAsString();
      return value;
    }
    return Value::integer(number(constant->getInitVal().getExtValue()));
  }
  if (const auto* binding = llvm::dyn_cast<clang::BindingDecl>(declaration); binding && binding->getHoldingVar())
    return eval(binding->getHoldingVar()->getInit()); // of a tuple: get<i>
  if (const auto* binding = llvm::dyn_cast<clang::BindingDecl>(declaration))
    return binding->getBinding() ? eval(binding->getBinding()) : Value::unknown(whyUnknown(&expression));
  const auto* variable = llvm::dyn_cast<clang::VarDecl>(declaration);
  if (!variable)
    return Value::unknown(whyUnknown(&expression));
  if (auto found = variables_.find(variable); found != variables_.end())
    return found->second;
  bool is_constant = variable->isConstexpr() || variable->getType().isConstQualified();
  if (variable->hasGlobalStorage() && is_constant && variable->getInit())
    return converted(eval(variable->getInit()), variable->getType());
  return Value::unknown(whyUnknown(&expression));
}

Value Interpreter::compareTypes(const Value& a, const Value& b) {
  std::string left = elementOf(a), right = elementOf(b);
  if (!left.empty() && !right.empty())
    return Value::integer(number(left == right));
  const Value& open = left.empty() ? a : b;
  std::string other = left.empty() ? right : left;
  if (open.tensor == Value::kNoTensor || other.empty()) // two tensors of unsaid types: taken as equal
    return Value::integer(number(1));
  return Value::integer(nameTerm(fmt::format("$type:{}:{}", open.tensor, other)));
}

/// `(uintptr_t)p % 16`, `(uintptr_t)p & 15`: how a pointer is aligned, of which the answer is known for whole tensors.
Value Interpreter::ofAddress(clang::BinaryOperatorKind op, const Value& a, const Value& b, const clang::Expr& at) {
  const bool begins = constantOf(a.term) == 0;
  if (op == clang::BO_Or && b.kind == Kind::Pointer && begins && constantOf(b.term) == 0) { // (p | q) & 15
    fact(fmt::format("'{}' begins at a 16-byte boundary", trace_.tensors[b.tensor].name), lineOf(&at), Certainty::Assumed);
    return a;
  }
  auto bound = b.kind == Kind::Integer && (op == clang::BO_And || op == clang::BO_Rem) ? constantOf(b.term) : std::nullopt;
  const std::int64_t modulus = bound.value_or(0) + (op == clang::BO_And);
  if (!bound || !begins || modulus < 1 || modulus > 16 || (modulus & (modulus - 1)) != 0)
    return Value::unknown(whyUnknown(&at));
  fact(fmt::format("'{}' begins at a 16-byte boundary", trace_.tensors[a.tensor].name), lineOf(&at), Certainty::Assumed);
  return Value::integer(number(0));
}

/// `channels / groups`: nobody calls it with groups that the channels can't be split into.
void Interpreter::assumeDivides(const Term& whole, const Term& parts, const clang::Expr& at) {
  if (!whole || !parts || parts->op != ExprOp::Name || constantOf(whole))
    return;
  auto given = std::find_if(trace_.integers.begin(), trace_.integers.end(), [&](const FreeInteger& one) { return one.name == parts->name; });
  const std::string name = lowerCase(parts->name);
  if (given == trace_.integers.end() || (name.find("group") == std::string::npos && name.find("head") == std::string::npos))
    return;
  Requirement divides{make(ExprOp::Equal, make(ExprOp::Modulo, whole, parts), number(0)), lineOf(&at),
                      fmt::format("'{}' leaves no remainder", textOfSource(&at)), Certainty::Assumed};
  auto is_known = [&](const Requirement& one) { return one.line == divides.line && one.text == divides.text && same(one.term, divides.term); };
  if (std::none_of(trace_.requirements.begin(), trace_.requirements.end(), is_known)) // in a loop it is asked for again
    trace_.requirements.push_back(std::move(divides));
}

Value Interpreter::arithmetic(clang::BinaryOperatorKind op, const Value& a, const Value& b, const clang::Expr& at) {
  static const std::map<clang::BinaryOperatorKind, ExprOp> ops = {
      {clang::BO_Add, ExprOp::Add},      {clang::BO_Sub, ExprOp::Subtract},     {clang::BO_Mul, ExprOp::Multiply},
      {clang::BO_Div, ExprOp::Divide},   {clang::BO_Rem, ExprOp::Modulo},       {clang::BO_EQ, ExprOp::Equal},
      {clang::BO_NE, ExprOp::NotEqual},  {clang::BO_LT, ExprOp::Less},          {clang::BO_LE, ExprOp::LessEqual},
      {clang::BO_GT, ExprOp::Greater},   {clang::BO_GE, ExprOp::GreaterEqual},  {clang::BO_LAnd, ExprOp::And},
      {clang::BO_LOr, ExprOp::Or}};
  if (a.kind == Kind::Element && b.kind == Kind::Element && (op == clang::BO_EQ || op == clang::BO_NE)) {
    Value equal = compareTypes(a, b);
    return op == clang::BO_EQ ? equal : Value::integer(make(ExprOp::Not, equal.term));
  }
  bool null_a = a.kind == Kind::Null, null_b = b.kind == Kind::Null;
  if ((op == clang::BO_EQ || op == clang::BO_NE) && (null_a || null_b) &&
      (a.kind == Kind::Pointer || b.kind == Kind::Pointer || (null_a && null_b)))
    return Value::integer(number((null_a && null_b) == (op == clang::BO_EQ)));
  if ((op == clang::BO_EQ || op == clang::BO_NE) && (a.kind == Kind::Opaque || b.kind == Kind::Opaque)) // devices: as they should be
    return Value::integer(number(op == clang::BO_EQ));
  if (a.kind == Kind::Pointer && b.kind == Kind::Integer && (op == clang::BO_Add || op == clang::BO_Sub)) {
    std::string element = recordNameOf(at.getType()->getPointeeType());
    if (!element.empty() && element.back() >= '2' && element.back() <= '4') // float4: steps are not of the tensor's elements
      return Value::unknown(whyUnknown(&at));
    Value moved = a;
    moved.term = make(op == clang::BO_Add ? ExprOp::Add : ExprOp::Subtract, a.term, b.term);
    return moved;
  }
  if (a.kind == Kind::Pointer && (op == clang::BO_And || op == clang::BO_Or || op == clang::BO_Rem))
    return ofAddress(op, a, b, at);
  if (a.kind == Kind::Integer && b.kind == Kind::Integer) {
    if ((op == clang::BO_Shl || op == clang::BO_Shr) && constantOf(b.term) && *constantOf(b.term) >= 0 && *constantOf(b.term) < 62)
      return Value::integer(make(op == clang::BO_Shl ? ExprOp::Multiply : ExprOp::Divide, a.term, number(std::int64_t{1} << *constantOf(b.term))));
    auto ca = constantOf(a.term), cb = constantOf(b.term);
    if (ca && cb && (op == clang::BO_And || op == clang::BO_Or || op == clang::BO_Xor))
      return Value::integer(number(op == clang::BO_And ? (*ca & *cb) : op == clang::BO_Or ? (*ca | *cb) : (*ca ^ *cb)));
    // (x & (2^k - 1)) is x % 2^k for sizes, which are not negative.
    if (op == clang::BO_And && cb && *cb > 0 && (*cb & (*cb + 1)) == 0)
      return Value::integer(make(ExprOp::Modulo, a.term, number(*cb + 1)));
    if (op == clang::BO_Div)
      assumeDivides(a.term, b.term, at);
    if (auto found = ops.find(op); found != ops.end())
      return Value::integer(make(found->second, a.term, b.term), whyUnknown(&at));
  }
  bool real = (a.kind == Kind::Real || a.kind == Kind::Integer) && (b.kind == Kind::Real || b.kind == Kind::Integer);
  if (real && at.getType()->isRealFloatingType()) {
    Value result = Value::of(Kind::Real);
    result.why = whyUnknown(&at);
    if (op == clang::BO_Div && a.term && b.term && a.dims.empty() && b.dims.empty()) // of integers, in real numbers: ceil() may ask for it
      result.dims = {a.term, b.term}, result.term = make(ExprOp::Divide, a.term, b.term);
    static const std::map<clang::BinaryOperatorKind, ExprOp> real_ops = {
        {clang::BO_Add, ExprOp::Add}, {clang::BO_Sub, ExprOp::Subtract}, {clang::BO_Mul, ExprOp::Multiply}, {clang::BO_Div, ExprOp::Divide}};
    if (auto found = real_ops.find(op); found != real_ops.end())
      result.formula = host::real(found->second, formulaOf(a), formulaOf(b));
    if (a.has_real && b.has_real) {
      result.has_real = true;
      result.real = op == clang::BO_Add ? a.real + b.real : op == clang::BO_Sub ? a.real - b.real : op == clang::BO_Mul ? a.real * b.real : a.real / b.real;
    }
    return result;
  }
  if (op == clang::BO_LAnd || op == clang::BO_LOr)
    return Value::integer(make(ops.at(op), a.kind == Kind::Integer ? a.term : nullptr, b.kind == Kind::Integer ? b.term : nullptr),
                          whyUnknown(&at));
  return Value::unknown(whyUnknown(&at));
}

Value Interpreter::evalBinary(const clang::BinaryOperator& expression) {
  clang::BinaryOperatorKind op = expression.getOpcode();
  if (op == clang::BO_Comma) {
    eval(expression.getLHS());
    return eval(expression.getRHS());
  }
  if (op == clang::BO_Assign) {
    Value value = converted(eval(expression.getRHS()), expression.getLHS()->getType());
    assign(expression.getLHS(), value);
    return value;
  }
  if (expression.isCompoundAssignmentOp()) {
    Value value = arithmetic(clang::BinaryOperator::getOpForCompoundAssignment(op), eval(expression.getLHS()),
                             eval(expression.getRHS()), expression);
    assign(expression.getLHS(), value);
    return value;
  }
  Value left = eval(expression.getLHS());
  // The right side is not reached where the left one decides.
  if (auto known = left.kind == Kind::Integer ? constantOf(left.term) : std::nullopt)
    if ((op == clang::BO_LAnd && !*known) || (op == clang::BO_LOr && *known))
      return Value::integer(number(op == clang::BO_LOr));
  return arithmetic(op, left, eval(expression.getRHS()), expression);
}

Value Interpreter::evalUnary(const clang::UnaryOperator& expression) {
  const clang::Expr* inner = expression.getSubExpr();
  if (expression.getOpcode() == clang::UO_AddrOf) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(inner->IgnoreParenImpCasts());
    if (reference && llvm::isa<clang::FunctionDecl>(reference->getDecl()))
      return eval(inner);
    Value address = Value::of(Kind::Address);
    address.variable = reference ? llvm::dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
    address.list = {eval(inner)};
    return address;
  }
  Value value = eval(inner);
  switch (expression.getOpcode()) {
  case clang::UO_Minus:
    if (value.kind == Kind::Integer)
      return Value::integer(make(ExprOp::Negate, value.term));
    if (value.kind == Kind::Real) {
      value.real = -value.real;
      value.formula = real(ExprOp::Negate, value.formula);
      value.term = nullptr;
      value.dims.clear();
    }
    return value;
  case clang::UO_LNot:
    return Value::integer(value.kind == Kind::Integer ? make(ExprOp::Not, value.term) : nullptr, whyUnknown(&expression));
  case clang::UO_PreInc:
  case clang::UO_PreDec:
  case clang::UO_PostInc:
  case clang::UO_PostDec: {
    Value next = arithmetic(expression.isIncrementOp() ? clang::BO_Add : clang::BO_Sub, value, Value::integer(number(1)), expression);
    assign(inner, next);
    return expression.isPostfix() ? value : next;
  }
  case clang::UO_Plus:
  case clang::UO_Extension: return value;
  case clang::UO_Deref:
    if (value.kind == Kind::Address && value.list.size() == 1)
      return value.list[0];
    if (value.kind == Kind::Tensor || value.kind == Kind::Function)
      return value;
    return Value::unknown(whyUnknown(&expression));
  default: return Value::unknown(whyUnknown(&expression));
  }
}

Value Interpreter::evalChoice(const clang::ConditionalOperator& expression) {
  Value value = eval(expression.getCond());
  Term condition = value.kind == Kind::Integer ? value.term : nullptr;
  if (auto known = constantOf(condition))
    return eval(*known ? expression.getTrueExpr() : expression.getFalseExpr());
  // assert(): a side that only ends the program makes the other a requirement.
  bool yes_ends = endsHere(expression.getTrueExpr()), no_ends = endsHere(expression.getFalseExpr());
  // a < b ? a : b
  if (!yes_ends && !no_ends && condition && condition->args.size() == 2) {
    bool less = condition->op == ExprOp::Less || condition->op == ExprOp::LessEqual;
    bool more = condition->op == ExprOp::Greater || condition->op == ExprOp::GreaterEqual;
    Value yes = eval(expression.getTrueExpr()), no = eval(expression.getFalseExpr());
    if ((less || more) && yes.kind == Kind::Integer && no.kind == Kind::Integer) {
      if (same(condition->args[0], yes.term) && same(condition->args[1], no.term))
        return Value::integer(make(less ? ExprOp::Min : ExprOp::Max, yes.term, no.term));
      if (same(condition->args[1], yes.term) && same(condition->args[0], no.term))
        return Value::integer(make(less ? ExprOp::Max : ExprOp::Min, yes.term, no.term));
    }
  }
  if (!condition && !yes_ends && !no_ends)
    return Value::unknown(whyUnknown(&expression));
  bool take = yes_ends ? false : no_ends ? true : choices_.choose(2) == 0;
  if (!yes_ends && !no_ends)
    trace_.way.push_back(fmt::format("{}{} (line {})", take ? "" : "not: ", textOfSource(expression.getCond()), lineOf(&expression)));
  if (require(condition, expression.getCond(), take) == Flow::Stop)
    return Value::unknown(whyUnknown(&expression));
  return eval(take ? expression.getTrueExpr() : expression.getFalseExpr());
}

void Interpreter::assign(const clang::Expr* target, Value value) {
  target = target->IgnoreParenImpCasts();
  if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(target)) {
    if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(reference->getDecl()))
      variables_[variable] = std::move(value);
    return;
  }
  if (const auto* element = llvm::dyn_cast<clang::ArraySubscriptExpr>(target))
    return assignElement(element->getBase(), element->getIdx(), value);
  if (const auto* element = llvm::dyn_cast<clang::CXXOperatorCallExpr>(target); element && element->getOperator() == clang::OO_Subscript)
    return assignElement(element->getArg(0), element->getArg(1), value);
  const auto* member = llvm::dyn_cast<clang::MemberExpr>(target);
  const auto* base = member ? llvm::dyn_cast<clang::DeclRefExpr>(member->getBase()->IgnoreParenImpCasts()) : nullptr;
  const auto* variable = base ? llvm::dyn_cast<clang::VarDecl>(base->getDecl()) : nullptr;
  if (!variable)
    return;
  Value& whole = variables_[variable];
  std::string name = member->getMemberDecl()->getNameAsString();
  if (recordNameOf(variable->getType()) == "dim3" && name.size() == 1 && name[0] >= 'x' && name[0] <= 'z') {
    if (whole.kind != Kind::Dims) {
      whole = Value::of(Kind::Dims);
      whole.dims = {nullptr, nullptr, nullptr};
    }
    whole.dims[static_cast<std::size_t>(name[0] - 'x')] = value.kind == Kind::Integer ? value.term : nullptr;
  }
}

Value Interpreter::evalConstruct(const clang::CXXConstructExpr& expression) {
  std::string type = recordNameOf(expression.getType());
  if (type == "dim3") {
    if (expression.getNumArgs() == 1 && recordNameOf(expression.getArg(0)->getType()) == "dim3")
      return eval(expression.getArg(0));
    Value dims = Value::of(Kind::Dims);
    for (unsigned i = 0; i < 3; ++i) {
      Value one = i < expression.getNumArgs() ? converted(eval(expression.getArg(i)), context_.UnsignedIntTy) : Value::integer(number(1));
      dims.dims.push_back(one.kind == Kind::Integer ? one.term : nullptr);
      if (!dims.dims.back())
        dims.why = one.why;
      dims.unset |= one.unset;
    }
    return dims;
  }
  if (type == "std::vector" && expression.getNumArgs() == 0)
    return Value::of(Kind::List);
  if (type == "std::vector" && expression.getNumArgs() >= 2) { // n times the same
    Value count = eval(expression.getArg(0)), one = eval(expression.getArg(1));
    auto n = count.kind == Kind::Integer ? constantOf(count.term) : std::nullopt;
    if (n && *n >= 0 && *n <= 16) {
      Value list = Value::of(Kind::List);
      list.list.assign(static_cast<std::size_t>(*n), one);
      return list;
    }
  }
  if (expression.getNumArgs() == 0) {
    bool is_options = type == "c10::TensorOptions", is_list = type == "std::vector";
    return is_options ? Value::of(Kind::Options) : is_list ? Value::of(Kind::List) : Value::unknown(whyUnknown(&expression));
  }
  return eval(expression.getArg(0)); // a copy, a move, or a wrapping
}

Value Interpreter::evalMember(const clang::MemberExpr& expression) {
  std::string name = expression.getMemberDecl()->getNameAsString();
  if (const auto* constant = llvm::dyn_cast<clang::VarDecl>(expression.getMemberDecl()))
    return constant->getInit() ? eval(constant->getInit()) : Value::unknown(whyUnknown(&expression));
  std::string record = recordNameOf(expression.getBase()->getType()->isPointerType() ? expression.getBase()->getType()->getPointeeType()
                                                                                   : expression.getBase()->getType());
  if (record == "cudaDeviceProp") {
    if (name == "multiProcessorCount")
      return freeInteger("multiprocessors", "the device's multiprocessors", lineOf(&expression), 1, 256, true);
    if (name == "warpSize")
      return Value::integer(number(32));
    if (name == "maxThreadsPerBlock")
      return Value::integer(number(1024));
  }
  Value base = eval(expression.getBase());
  if (base.kind == Kind::Dims && name.size() == 1 && name[0] >= 'x' && name[0] <= 'z')
    return Value::integer(base.dims[static_cast<std::size_t>(name[0] - 'x')], whyUnknown(&expression));
  return Value::unknown(whyUnknown(&expression));
}

Value Interpreter::eval(const clang::Expr* expression) {
  if (!expression)
    return Value::unknown("nothing");
  expression = expression->IgnoreParens();
  if (++steps_ > 200000)
    return Value::unknown("too many steps");
  if (const auto* one = llvm::dyn_cast<clang::ExprWithCleanups>(expression))
    return eval(one->getSubExpr());
  if (const auto* one = llvm::dyn_cast<clang::MaterializeTemporaryExpr>(expression))
    return eval(one->getSubExpr());
  if (const auto* one = llvm::dyn_cast<clang::CXXBindTemporaryExpr>(expression))
    return eval(one->getSubExpr());
  if (const auto* one = llvm::dyn_cast<clang::ConstantExpr>(expression))
    return eval(one->getSubExpr());
  if (const auto* one = llvm::dyn_cast<clang::CXXDefaultArgExpr>(expression))
    return eval(one->getExpr());
  if (const auto* one = llvm::dyn_cast<clang::SubstNonTypeTemplateParmExpr>(expression))
    return eval(one->getReplacement());
  if (const auto* one = llvm::dyn_cast<clang::CXXStdInitializerListExpr>(expression))
    return eval(one->getSubExpr());
  if (const auto* one = llvm::dyn_cast<clang::IntegerLiteral>(expression))
    return Value::integer(number(one->getValue().getSExtValue()));
  if (const auto* one = llvm::dyn_cast<clang::CXXBoolLiteralExpr>(expression))
    return Value::integer(number(one->getValue()));
  if (const auto* one = llvm::dyn_cast<clang::FloatingLiteral>(expression)) {
    Value value = Value::of(Kind::Real);
    value.real = one->getValueAsApproximateDouble();
    value.has_real = true;
    if (value.real == static_cast<double>(static_cast<std::int64_t>(value.real)) && value.real < 1e15)
      value.term = number(static_cast<std::int64_t>(value.real));
    return value;
  }
  if (llvm::isa<clang::CXXNullPtrLiteralExpr>(expression) || llvm::isa<clang::GNUNullExpr>(expression))
    return Value::of(Kind::Null);
  if (const auto* one = llvm::dyn_cast<clang::InitListExpr>(expression)) {
    Value list = Value::of(Kind::List);
    for (const clang::Expr* element : one->inits())
      list.list.push_back(eval(element));
    if (recordNameOf(one->getType()) == "dim3") {
      list.kind = Kind::Dims;
      for (std::size_t i = 0; i < 3; ++i)
        list.dims.push_back(i < list.list.size() ? list.list[i].term : number(1));
    }
    return list;
  }
  if (const auto* cast = llvm::dyn_cast<clang::CastExpr>(expression)) {
    if (cast->getCastKind() == clang::CK_NullToPointer)
      return Value::of(Kind::Null);
    if (cast->getCastKind() == clang::CK_ToVoid) {
      eval(cast->getSubExpr());
      return Value::of(Kind::Opaque);
    }
    return converted(eval(cast->getSubExpr()), cast->getType());
  }
  if (const auto* one = llvm::dyn_cast<clang::UnaryExprOrTypeTraitExpr>(expression)) {
    clang::Expr::EvalResult result;
    if (one->EvaluateAsInt(result, context_))
      return Value::integer(number(result.Val.getInt().getExtValue()));
  }
  if (const auto* one = llvm::dyn_cast<clang::DeclRefExpr>(expression))
    return evalReference(*one);
  if (const auto* one = llvm::dyn_cast<clang::CUDAKernelCallExpr>(expression)) {
    launch(*one);
    return Value::of(Kind::Opaque);
  }
  if (const auto* one = llvm::dyn_cast<clang::CallExpr>(expression))
    return evalCall(*one);
  if (const auto* one = llvm::dyn_cast<clang::BinaryOperator>(expression))
    return evalBinary(*one);
  if (const auto* one = llvm::dyn_cast<clang::UnaryOperator>(expression))
    return evalUnary(*one);
  if (const auto* one = llvm::dyn_cast<clang::ConditionalOperator>(expression))
    return evalChoice(*one);
  if (const auto* one = llvm::dyn_cast<clang::CXXConstructExpr>(expression))
    return evalConstruct(*one);
  if (const auto* one = llvm::dyn_cast<clang::MemberExpr>(expression))
    return evalMember(*one);
  if (const auto* one = llvm::dyn_cast<clang::ArraySubscriptExpr>(expression)) {
    Value base = eval(one->getBase()), index = eval(one->getIdx());
    auto at = index.kind == Kind::Integer ? constantOf(index.term) : std::nullopt;
    if (base.kind == Kind::List && at && *at >= 0 && static_cast<std::size_t>(*at) < base.list.size())
      return base.list[static_cast<std::size_t>(*at)];
    return Value::unknown(whyUnknown(expression));
  }
  if (llvm::isa<clang::StringLiteral>(expression) || llvm::isa<clang::LambdaExpr>(expression))
    return Value::of(Kind::Opaque);
  clang::Expr::EvalResult result;
  if (!expression->isValueDependent() && expression->getType()->isIntegralOrEnumerationType() && expression->EvaluateAsInt(result, context_))
    return Value::integer(number(result.Val.getInt().getExtValue()));
  return Value::unknown(whyUnknown(expression));
}

} // namespace kverify::frontend::host
