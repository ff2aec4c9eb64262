#include "verifier/lint/code.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>
#include <llvm/ADT/StringSwitch.h>

namespace kverify::verifier::lint {

const clang::Expr* strip(const clang::Expr* expr) {
  while (expr) {
    const clang::Expr* inner = expr->IgnoreParenCasts();
    if (const auto* full = llvm::dyn_cast<clang::FullExpr>(inner))
      inner = full->getSubExpr();
    else if (const auto* temporary = llvm::dyn_cast<clang::MaterializeTemporaryExpr>(inner))
      inner = temporary->getSubExpr();
    else if (const auto* bound = llvm::dyn_cast<clang::CXXBindTemporaryExpr>(inner))
      inner = bound->getSubExpr();
    else if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(inner); made && made->getNumArgs() == 1)
      inner = made->getArg(0);
    else if (const auto* open = llvm::dyn_cast<clang::CXXUnresolvedConstructExpr>(inner); open && open->getNumArgs() == 1)
      inner = open->getArg(0);
    else if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(inner); list && list->getNumInits() == 1)
      inner = list->getInit(0);
    else if (const auto* instance = llvm::dyn_cast<clang::SubstNonTypeTemplateParmExpr>(inner))
      inner = instance->getReplacement();
    if (inner == expr)
      break;
    expr = inner;
  }
  return expr;
}

namespace {

const clang::Expr* innerOfLvalue(const clang::Expr* expr) {
  if (const auto* element = llvm::dyn_cast<clang::ArraySubscriptExpr>(expr))
    return element->getBase();
  if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(expr))
    return member->getBase();
  if (const auto* member = llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(expr))
    return member->isImplicitAccess() ? nullptr : member->getBase();
  if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(expr))
    return unary->getOpcode() == clang::UO_Deref || unary->getOpcode() == clang::UO_AddrOf || unary->isIncrementDecrementOp()
               ? unary->getSubExpr()
               : nullptr;
  if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(expr))
    return call->getOperator() == clang::OO_Subscript || call->getOperator() == clang::OO_Star ? call->getArg(0) : nullptr;
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(expr); call && call->getNumArgs() >= 1)
    return llvm::StringRef(calleeName(*call)).starts_with("__cvta_generic") ? call->getArg(0) : nullptr;
  return nullptr;
}

/// `Cache& cache() { static Cache kept; return kept; }`: the variable that a call of it stands for.
const clang::Expr* accessed(const clang::CallExpr& call) {
  const clang::FunctionDecl* callee = call.getDirectCallee();
  const clang::FunctionDecl* body = callee ? callee->getDefinition() : nullptr;
  if (!body || call.getNumArgs() > 0 || !(callee->getReturnType()->isReferenceType() || callee->getReturnType()->isPointerType()))
    return nullptr;
  const auto* block = llvm::dyn_cast_or_null<clang::CompoundStmt>(body->getBody());
  const auto* result = block && !block->body_empty() ? llvm::dyn_cast<clang::ReturnStmt>(block->body_back()) : nullptr;
  const clang::Expr* value = result ? strip(result->getRetValue()) : nullptr;
  if (const auto* address = llvm::dyn_cast_or_null<clang::UnaryOperator>(value); address && address->getOpcode() == clang::UO_AddrOf)
    value = strip(address->getSubExpr());
  const auto* kept = llvm::dyn_cast_or_null<clang::DeclRefExpr>(value);
  const auto* variable = kept ? llvm::dyn_cast<clang::VarDecl>(kept->getDecl()) : nullptr;
  return variable && variable->hasGlobalStorage() ? value : nullptr;
}

} // namespace

const clang::ValueDecl* rootOf(const clang::Expr* expr) {
  for (unsigned steps = 0; (expr = strip(expr)) && steps < 100; ++steps) {
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(expr)) {
      // A local reference is another name of what it was bound to.
      const auto* variable = llvm::dyn_cast<clang::VarDecl>(reference->getDecl());
      bool is_name = variable && variable->isLocalVarDecl() && variable->getType()->isReferenceType() && variable->hasInit();
      const clang::ValueDecl* named = is_name ? rootOf(variable->getInit()) : nullptr;
      return named ? named : reference->getDecl();
    }
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(expr))
      if (const clang::Expr* kept = accessed(*call)) {
        expr = kept;
        continue;
      }
    if (const auto* sum = llvm::dyn_cast<clang::BinaryOperator>(expr)) {
      if (sum->isAssignmentOp()) {
        expr = sum->getLHS();
        continue;
      }
      if (sum->getOpcode() != clang::BO_Add && sum->getOpcode() != clang::BO_Sub)
        return nullptr;
      bool right = sum->getRHS()->getType()->isPointerType() && !sum->getLHS()->getType()->isPointerType();
      expr = right ? sum->getRHS() : sum->getLHS();
      continue;
    }
    expr = innerOfLvalue(expr);
  }
  return nullptr;
}

const clang::ValueDecl* variableOf(const clang::Expr* expr) {
  expr = strip(expr);
  const auto* reference = llvm::dyn_cast_or_null<clang::DeclRefExpr>(expr);
  return reference ? reference->getDecl() : nullptr;
}

std::string calleeName(const clang::CallExpr& call) {
  if (const clang::FunctionDecl* callee = call.getDirectCallee())
    return callee->getNameInfo().getAsString();
  const clang::Expr* callee = call.getCallee()->IgnoreParenImpCasts();
  if (const auto* open = llvm::dyn_cast<clang::OverloadExpr>(callee))
    return open->getName().getAsString();
  if (const auto* member = llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(callee))
    return member->getMember().getAsString();
  return "";
}

std::string qualifiedCallee(const clang::CallExpr& call) {
  if (const clang::FunctionDecl* callee = call.getDirectCallee())
    return callee->getQualifiedNameAsString();
  return calleeName(call);
}

void forEach(const clang::Stmt* root, const std::function<bool(const clang::Stmt&)>& visit) {
  if (!root || !visit(*root))
    return;
  if (const auto* lambda = llvm::dyn_cast<clang::LambdaExpr>(root)) {
    forEach(lambda->getBody(), visit);
    return;
  }
  if (const auto* instance = llvm::dyn_cast<clang::SubstNonTypeTemplateParmExpr>(root)) {
    forEach(instance->getReplacement(), visit);
    return;
  }
  if (const auto* property = llvm::dyn_cast<clang::PseudoObjectExpr>(root)) {
    forEach(property->getSyntacticForm(), visit);
    return;
  }
  for (const clang::Stmt* child : root->children())
    forEach(child, visit);
}

bool mentions(const clang::Stmt* root, const clang::ValueDecl* variable) {
  bool found = false;
  forEach(root, [&](const clang::Stmt& stmt) {
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt))
      found = found || reference->getDecl() == variable;
    return !found;
  });
  return found;
}

bool callsAny(const clang::Stmt* root, const std::function<bool(llvm::StringRef)>& wanted) {
  bool found = false;
  forEach(root, [&](const clang::Stmt& stmt) {
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt))
      found = found || wanted(calleeName(*call));
    return !found;
  });
  return found;
}

bool isInfinity(const clang::Expr* expr, const clang::ASTContext& context, bool any) {
  if (!expr || expr->isValueDependent() || expr->isTypeDependent())
    return false;
  const clang::Expr* plain = strip(expr);
  if (const auto* sign = llvm::dyn_cast<clang::UnaryOperator>(plain); sign && sign->getOpcode() == clang::UO_Minus)
    if (isInfinity(sign->getSubExpr(), context, true))
      return true;
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(plain); call && call->getNumArgs() == 1) {
    std::string name = calleeName(*call);
    clang::Expr::EvalResult bits;
    if (name == "__int_as_float" && call->getArg(0)->EvaluateAsInt(bits, context)) {
      auto pattern = static_cast<std::uint32_t>(bits.Val.getInt().getZExtValue());
      return pattern == 0xff800000u || (any && pattern == 0x7f800000u);
    }
    if (name.find("float2half") != std::string::npos || name.find("float2bfloat16") != std::string::npos)
      return isInfinity(call->getArg(0), context, any);
  }
  llvm::APFloat value(0.0f);
  if (!plain->getType()->isRealFloatingType() || !plain->EvaluateAsFloat(value, context))
    return false;
  return value.isInfinity() && (any || value.isNegative());
}

bool mentionsInfinity(const clang::Stmt* root, const clang::ASTContext& context) {
  bool found = false;
  forEach(root, [&](const clang::Stmt& stmt) {
    if (const auto* expr = llvm::dyn_cast<clang::Expr>(&stmt))
      found = found || isInfinity(expr, context, true);
    return !found;
  });
  return found;
}

bool isMaxName(llvm::StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases("max", "fmax", "fmaxf", "__hmax", "__hmax2", "hmax", "__hmax_nan", "umax", true)
      .Cases("__reduce_max_sync", "atomicMax", "maximum", true)
      .Default(false);
}

bool isExpName(llvm::StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases("exp", "expf", "__expf", "exp2", "exp2f", "exp10f", "__exp10f", "hexp", "hexp2", true)
      .Cases("h2exp", "h2exp2", "__nv_expf", "ex2", true)
      .Default(false);
}

int significantBits(clang::QualType type) {
  type = type.getNonReferenceType().getCanonicalType().getUnqualifiedType();
  if (const auto* plain = type->getAs<clang::BuiltinType>()) {
    switch (plain->getKind()) {
    case clang::BuiltinType::Double:
      return 53;
    case clang::BuiltinType::Float:
      return 24;
    case clang::BuiltinType::Half:
    case clang::BuiltinType::Float16:
      return 11;
    case clang::BuiltinType::BFloat16:
      return 8;
    default:
      return 0;
    }
  }
  const auto* record = type->getAsCXXRecordDecl();
  return record && record->getIdentifier() ? llvm::StringSwitch<int>(record->getName())
                                                 .Cases("__half", "__half2", "half", "Half", 11)
                                                 .Cases("__nv_bfloat16", "__nv_bfloat162", "BFloat16", 8)
                                                 .Case("__nv_fp8_e4m3", 4)
                                                 .Case("__nv_fp8_e5m2", 3)
                                                 .Default(0)
                                           : 0;
}

} // namespace kverify::verifier::lint
