#pragma once
// The syntax tree of a file while it exists: for checks that look at the source itself, host code included.
#include <functional>
#include <string>
#include <vector>

#include "frontend/compile.h"

namespace clang {
class ASTContext;
class CompilerInstance;
} // namespace clang
namespace llvm {
class Module;
} // namespace llvm

namespace kverify::frontend {
struct ClangJob;

/// What clang knows when it has read the whole file for the device. The tree has the host's functions too, with their
/// bodies. Valid during the visit only.
struct ParsedFile {
  clang::CompilerInstance& compiler;
  clang::ASTContext& context;
  llvm::Module& module;                   ///< as clang emitted it, with every kernel that has a body; may be changed
  const std::vector<KernelInfo>& kernels; ///< those, in source order
  const KernelSource& source;
  std::string headers; ///< "builtin" or "toolkit"
  const ClangJob& job; ///< as it was accepted
};

/// Compiles as compileFile does, with the same attempts at headers, and calls `visit` once, on the attempt that clang
/// accepts. `options.kernels` are emitted beside all others. No kernel at all is no error here.
/// Errors: as of compileFile.
Expected<void> visitFile(const std::string& path, const CompileOptions& options,
                         const std::function<void(ParsedFile&)>& visit);

} // namespace kverify::frontend
