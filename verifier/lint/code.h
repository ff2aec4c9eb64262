#pragma once
// Small questions about expressions that many checks ask. None of them looks beyond the expression it is given.
#include <functional>
#include <string>

#include <llvm/ADT/StringRef.h>

namespace clang {
class ASTContext;
class CallExpr;
class Expr;
class QualType;
class Stmt;
class ValueDecl;
} // namespace clang

namespace kverify::verifier::lint {

/// Without parentheses, casts (written or not), temporaries and constructors that only convert.
const clang::Expr* strip(const clang::Expr* expr);

/// The variable an lvalue or address is of: `s` of `s[i].x`, `*(s + i)`; of a local reference, or `kept()`; null: none.
const clang::ValueDecl* rootOf(const clang::Expr* expr);

/// The plain variable that the expression names, with nothing around it but casts; null when it is more.
const clang::ValueDecl* variableOf(const clang::Expr* expr);

/// The callee's name without namespaces: "expf"; for a name that a template leaves open, the name as written; or "".
std::string calleeName(const clang::CallExpr& call);
/// The same with namespaces and classes: "at::Tensor::mm".
std::string qualifiedCallee(const clang::CallExpr& call);

/// Calls `visit` for every expression or statement in the tree, the root first; false from `visit` skips what is below.
void forEach(const clang::Stmt* root, const std::function<bool(const clang::Stmt&)>& visit);

bool mentions(const clang::Stmt* root, const clang::ValueDecl* variable);
/// Some call below `root` has a name that `wanted` accepts.
bool callsAny(const clang::Stmt* root, const std::function<bool(llvm::StringRef)>& wanted);

/// Is the value minus infinity (or, with `any`, either infinity) for certain? Knows the bit patterns, too.
bool isInfinity(const clang::Expr* expr, const clang::ASTContext& context, bool any = false);
/// Some constant below the expression is an infinity.
bool mentionsInfinity(const clang::Stmt* root, const clang::ASTContext& context);

/// max-like and exp-like functions, of every type and namespace.
bool isMaxName(llvm::StringRef name);
bool isExpName(llvm::StringRef name);

/// Significant bits of a floating type, stored in half precision or wider: 8 bf16, 11 fp16, 24, 53; 4 and 3 for fp8; 0 for
/// anything else.
int significantBits(clang::QualType type);

} // namespace kverify::verifier::lint
