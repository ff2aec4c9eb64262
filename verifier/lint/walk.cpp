#include "verifier/lint/walk.h"

#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <llvm/ADT/SmallVector.h>

namespace kverify::verifier::lint {

namespace {

using Visit = llvm::function_ref<void(const clang::Stmt&, Ancestors)>;

void walkBelow(const clang::Stmt* stmt, llvm::SmallVectorImpl<const clang::Stmt*>& above, Visit visit) {
  if (!stmt)
    return;
  if (const auto* property = llvm::dyn_cast<clang::PseudoObjectExpr>(stmt))
    stmt = property->getSyntacticForm();
  visit(*stmt, above);
  above.push_back(stmt);
  if (const auto* opaque = llvm::dyn_cast<clang::OpaqueValueExpr>(stmt))
    walkBelow(opaque->getSourceExpr(), above, visit);
  for (const clang::Stmt* child : stmt->children())
    walkBelow(child, above, visit);
  above.pop_back();
}

} // namespace

void walk(const clang::Stmt* root, Visit visit) {
  llvm::SmallVector<const clang::Stmt*, 32> above;
  walkBelow(root, above, visit);
}

std::optional<std::string> builtinVariable(const clang::Expr& expr) {
  const clang::Expr* plain = expr.IgnoreParenCasts();
  if (const auto* property = llvm::dyn_cast<clang::PseudoObjectExpr>(plain))
    plain = property->getSyntacticForm();
  const auto* reference = llvm::dyn_cast<clang::MSPropertyRefExpr>(plain);
  if (!reference)
    return std::nullopt;
  const clang::Expr* object = reference->getBaseExpr()->IgnoreParenImpCasts();
  if (const auto* opaque = llvm::dyn_cast<clang::OpaqueValueExpr>(object); opaque && opaque->getSourceExpr())
    object = opaque->getSourceExpr()->IgnoreParenImpCasts();
  const auto* base = llvm::dyn_cast<clang::DeclRefExpr>(object);
  if (!base)
    return std::nullopt;
  return base->getDecl()->getNameAsString() + "." + reference->getPropertyDecl()->getNameAsString();
}

const clang::FunctionDecl* calleeOf(const clang::Stmt& stmt) {
  const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
  return call ? call->getDirectCallee() : nullptr;
}

const clang::ValueDecl* namedBy(const clang::Expr& expr) {
  const clang::Expr* plain = expr.IgnoreParenCasts();
  if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(plain))
    return reference->getDecl();
  if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(plain))
    return member->getMemberDecl();
  return nullptr;
}

} // namespace kverify::verifier::lint
