#include "verifier/lint/launches.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>

#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

const clang::Expr& plain(const clang::Expr& expr) {
  const clang::Expr* at = &expr;
  for (;;) {
    const clang::Expr* inner = at->IgnoreParenImpCasts();
    if (const auto* cleanups = llvm::dyn_cast<clang::ExprWithCleanups>(inner))
      inner = cleanups->getSubExpr();
    else if (const auto* made = llvm::dyn_cast<clang::MaterializeTemporaryExpr>(inner))
      inner = made->getSubExpr();
    else if (const auto* cast = llvm::dyn_cast<clang::CXXFunctionalCastExpr>(inner))
      inner = cast->getSubExpr();
    if (inner == at)
      return *at;
    at = inner;
  }
}

/// A local variable that nothing changes after its declaration, and that is not a part of its own first value.
const clang::VarDecl* fixedLocal(const clang::Expr& expr, const UserFunction& inside) {
  const auto* variable = llvm::dyn_cast_or_null<clang::VarDecl>(namedBy(expr));
  if (!variable || !variable->isLocalVarDecl() || !variable->hasInit())
    return nullptr;
  bool changed = false;
  auto names = [&](const clang::Expr* one) {
    const clang::Expr* at = one->IgnoreParenCasts();
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(at))
      at = member->getBase();
    return namedBy(*at) == variable;
  };
  walk(inside.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
    if (const auto* op = llvm::dyn_cast<clang::BinaryOperator>(&stmt); op && op->isAssignmentOp())
      changed |= names(op->getLHS());
    if (const auto* op = llvm::dyn_cast<clang::UnaryOperator>(&stmt))
      changed |= (op->isIncrementDecrementOp() || op->getOpcode() == clang::UO_AddrOf) && names(op->getSubExpr());
    if (const auto* op = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&stmt); op && op->isAssignmentOp())
      changed |= names(op->getArg(0));
  });
  walk(variable->getInit(), [&](const clang::Stmt& stmt, Ancestors) {
    const auto* part = llvm::dyn_cast<clang::Expr>(&stmt);
    changed |= part && namedBy(*part) == variable; // int width = width / 2;
  });
  return changed ? nullptr : variable;
}

KnownDims dimsOf(const clang::Expr& expr, const UserFunction& inside, const clang::ASTContext& ast) {
  const clang::Expr& at = plain(expr);
  if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(&at)) {
    if (made->getNumArgs() == 1 && !plain(*made->getArg(0)).getType()->isIntegerType())
      return dimsOf(*made->getArg(0), inside, ast);
    KnownDims dims = {1, 1, 1};
    for (unsigned i = 0; i < made->getNumArgs() && i < 3; ++i)
      if (!llvm::isa<clang::CXXDefaultArgExpr>(made->getArg(i)))
        dims[i] = valueOf(*made->getArg(i), inside, ast);
    return dims;
  }
  if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(&at)) {
    KnownDims dims = {1, 1, 1};
    for (unsigned i = 0; i < list->getNumInits() && i < 3; ++i)
      dims[i] = valueOf(*list->getInit(i), inside, ast);
    return dims;
  }
  if (at.getType()->isIntegerType())
    return {valueOf(at, inside, ast), 1, 1};
  if (const clang::VarDecl* variable = fixedLocal(at, inside))
    return dimsOf(*variable->getInit(), inside, ast);
  return {};
}

/// The x of `n`, `dim3(n)`, `dim3 block(n, 4)`.
const clang::Expr* firstOf(const clang::Expr& expr, const UserFunction& inside) {
  const clang::Expr& at = plain(expr);
  if (at.getType()->isIntegerType())
    return &at;
  if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(&at))
    return made->getNumArgs() > 0 ? firstOf(*made->getArg(0), inside) : nullptr;
  const clang::VarDecl* variable = fixedLocal(at, inside);
  return variable ? firstOf(*variable->getInit(), inside) : nullptr;
}

} // namespace

std::string valueText(const clang::Expr& expr, const UserFunction& inside, const clang::ASTContext& ast) {
  if (expr.isValueDependent())
    return {};
  if (std::optional<std::int64_t> value = valueOf(expr, inside, ast))
    return std::to_string(*value);
  const clang::Expr& at = *plain(expr).IgnoreParenCasts();
  if (const clang::VarDecl* variable = fixedLocal(at, inside))
    return valueText(*variable->getInit(), inside, ast);
  const auto* named = llvm::dyn_cast_or_null<clang::VarDecl>(namedBy(at));
  if (llvm::isa_and_nonnull<clang::ParmVarDecl>(named) || (named && named->getType().isConstQualified()))
    return named->getNameAsString();
  if (const auto* op = llvm::dyn_cast<clang::BinaryOperator>(&at); op && !op->isAssignmentOp()) {
    std::string a = valueText(*op->getLHS(), inside, ast), b = valueText(*op->getRHS(), inside, ast);
    return a.empty() || b.empty() ? std::string() : "(" + a + op->getOpcodeStr().str() + b + ")";
  }
  // x.size(1): a const method gives the same each time, as long as x is not replaced.
  const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(&at);
  const auto* object = call ? llvm::dyn_cast_or_null<clang::VarDecl>(namedBy(*call->getImplicitObjectArgument())) : nullptr;
  if (!object || !call->getMethodDecl() || !call->getMethodDecl()->isConst())
    return {};
  std::string text = object->getNameAsString() + "." + call->getMethodDecl()->getNameAsString() + "(";
  for (const clang::Expr* argument : call->arguments()) {
    std::string one = llvm::isa<clang::CXXDefaultArgExpr>(argument) ? "" : valueText(*argument, inside, ast);
    if (one.empty() && !llvm::isa<clang::CXXDefaultArgExpr>(argument))
      return {};
    text += one + ",";
  }
  return text + ")";
}

std::optional<std::int64_t> valueOf(const clang::Expr& expr, const UserFunction& inside, const clang::ASTContext& ast) {
  if (expr.isValueDependent() || !expr.getType()->isIntegralOrEnumerationType())
    return std::nullopt;
  clang::Expr::EvalResult result;
  if (expr.EvaluateAsInt(result, ast) && result.Val.isInt() && result.Val.getInt().isRepresentableByInt64())
    return result.Val.getInt().getExtValue();
  const clang::Expr& at = plain(expr);
  if (const clang::VarDecl* variable = fixedLocal(at, inside))
    return valueOf(*variable->getInit(), inside, ast);
  const auto* op = llvm::dyn_cast<clang::BinaryOperator>(&at);
  if (!op)
    return std::nullopt;
  auto a = valueOf(*op->getLHS(), inside, ast), b = valueOf(*op->getRHS(), inside, ast);
  if (!a || !b)
    return std::nullopt;
  std::int64_t value = 0;
  switch (op->getOpcode()) {
  case clang::BO_Add: return __builtin_add_overflow(*a, *b, &value) ? std::nullopt : std::optional(value);
  case clang::BO_Sub: return __builtin_sub_overflow(*a, *b, &value) ? std::nullopt : std::optional(value);
  case clang::BO_Mul: return __builtin_mul_overflow(*a, *b, &value) ? std::nullopt : std::optional(value);
  case clang::BO_Div: return *b == 0 ? std::nullopt : std::optional(*a / *b);
  default: return std::nullopt;
  }
}

std::vector<KernelLaunch> launchesOf(const LintContext& context) {
  std::vector<KernelLaunch> all;
  for (const UserFunction& function : context.functions) {
    if (function.is_dependent)
      continue;
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      const auto* call = llvm::dyn_cast<clang::CUDAKernelCallExpr>(&stmt);
      if (!call || !call->getConfig())
        return;
      KernelLaunch launch{.call = call, .inside = &function};
      launch.kernel = call->getDirectCallee();
      const clang::CallExpr& config = *call->getConfig();
      if (config.getNumArgs() < 2)
        return;
      launch.grid = dimsOf(*config.getArg(0), function, context.ast());
      launch.block = dimsOf(*config.getArg(1), function, context.ast());
      launch.block_x = firstOf(*config.getArg(1), function);
      launch.shared_bytes = 0;
      if (config.getNumArgs() > 2 && !llvm::isa<clang::CXXDefaultArgExpr>(config.getArg(2))) {
        launch.shared = config.getArg(2);
        launch.shared_bytes = valueOf(*launch.shared, function, context.ast());
      }
      all.push_back(launch);
    });
  }
  return all;
}

} // namespace kverify::verifier::lint
