#pragma once
// The launches kernel<<<grid, block, shared, stream>>>(…) of the host code, with what is known of their shape.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/lint/context.h"

namespace clang {
class CUDAKernelCallExpr;
class Expr;
} // namespace clang

namespace kverify::verifier::lint {

using KnownDims = std::array<std::optional<std::int64_t>, 3>;

struct KernelLaunch {
  const clang::CUDAKernelCallExpr* call = nullptr;
  const UserFunction* inside = nullptr;
  const clang::FunctionDecl* kernel = nullptr; ///< null where it is called through a pointer
  const clang::Expr* shared = nullptr;         ///< null where none is asked for
  KnownDims grid, block;
  const clang::Expr* block_x = nullptr; ///< the threads of a block in x, where one expression says so
  std::optional<std::int64_t> shared_bytes; ///< of dynamic shared memory; 0 where none is asked for
};

/// In source order. Launches in templates that nobody instantiates are left out.
std::vector<KernelLaunch> launchesOf(const LintContext& context);

/// Two integer expressions with the same text have the same value, wherever they stand in the function: local variables
/// that never change are what they were set to. Empty: nothing can be said.
std::string valueText(const clang::Expr& expr, const UserFunction& inside, const clang::ASTContext& ast);

/// The value of an integer expression: a constant, or a variable that is set once, where it is declared.
std::optional<std::int64_t> valueOf(const clang::Expr& expr, const UserFunction& inside, const clang::ASTContext& ast);

} // namespace kverify::verifier::lint
