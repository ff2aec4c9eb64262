#pragma once
// Going through the statements of a function, parents first.
#include <optional>
#include <string>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/STLFunctionalExtras.h>

namespace clang {
class Expr;
class FunctionDecl;
class Stmt;
class ValueDecl;
} // namespace clang

namespace kverify::verifier::lint {

/// From the function's body down to the parent.
using Ancestors = llvm::ArrayRef<const clang::Stmt*>;

/// Every statement and expression below and including `root` (may be null), as written: of a property access such as
/// threadIdx.x its written form only.
void walk(const clang::Stmt* root, llvm::function_ref<void(const clang::Stmt&, Ancestors)> visit);

/// "threadIdx.x", "blockDim.y": reading a component of one of CUDA's built-in variables. Blind to parentheses and casts.
std::optional<std::string> builtinVariable(const clang::Expr& expr);

/// The function that is called, or null.
const clang::FunctionDecl* calleeOf(const clang::Stmt& stmt);

/// The variable, parameter or field that the expression names, blind to parentheses and casts; or null.
const clang::ValueDecl* namedBy(const clang::Expr& expr);

} // namespace kverify::verifier::lint
