#pragma once
// KernelInfo from the AST.
#include <string>
#include <vector>

#include "frontend/device_module.h"

namespace clang {
class ASTContext;
class FunctionDecl;
} // namespace clang

namespace kverify::frontend {

/// Everything but `name`, `mangled` and `static_shared_bytes`.
KernelInfo describeKernel(const clang::FunctionDecl& kernel, clang::ASTContext& context);

/// "const float *x" of each parameter, as written.
std::vector<std::string> printedParameters(const clang::FunctionDecl& kernel, clang::ASTContext& context);

/// Where the kernel's name stands.
SourceLocation locationOf(const clang::FunctionDecl& kernel, clang::ASTContext& context);

/// "flash<64, true>", or "ns::flash<64, true>" when `qualified`.
std::string printedName(const clang::FunctionDecl& kernel, clang::ASTContext& context, bool qualified);

} // namespace kverify::frontend
