#pragma once
// What a static check may look at: the syntax tree, the IR of each kernel, the contract, and where things are.
#include <string>
#include <vector>

#include "frontend/ast.h"
#include "kverify/contract.h"
#include "kverify/source.h"

namespace clang {
class Decl;
class FunctionDecl;
class SourceLocation;
class SourceManager;
class Stmt;
class VarDecl;
} // namespace clang
namespace llvm {
class Function;
class Instruction;
} // namespace llvm

namespace kverify::verifier::lint {

/// A place in the source, and who gets there.
struct Place {
  SourceStack stack;                ///< innermost first
  std::vector<std::string> kernels; ///< that reach it; empty: host code
  bool is_users = false;            ///< false: in a header that is not the user's, or nowhere
};

/// A function of the user's that has a body. Of a template its instantiations, or the template where it has none.
struct UserFunction {
  const clang::FunctionDecl* decl = nullptr;
  bool is_kernel = false;
  bool on_device = false;    ///< kernels and __device__ functions
  bool on_host = false;      ///< __host__ __device__ functions are both
  bool is_dependent = false; ///< a template that nobody instantiates: types may be open
};

/// The device code of one kernel.
struct KernelCode {
  const frontend::KernelInfo* info = nullptr;
  const clang::FunctionDecl* decl = nullptr; ///< with the body
  llvm::Function* function = nullptr;        ///< everything inlined that can be, variables in registers, no more
};

struct LintContext {
  frontend::ParsedFile& file;
  const Contract* contract = nullptr;
  std::string target; ///< "sm_80"
  std::vector<UserFunction> functions;
  std::vector<KernelCode> kernels;
  std::vector<const clang::VarDecl*> variables; ///< of the user's, at file scope, or static inside a function

  clang::ASTContext& ast() const { return file.context; }
  const clang::SourceManager& sources() const;

  /// Is this in a file that the user wrote? Of a macro, where it is used.
  bool isUsers(clang::SourceLocation at) const;
  Place placeOf(clang::SourceLocation at, const UserFunction* inside = nullptr) const;
  Place placeOf(const clang::Stmt& at, const UserFunction& inside) const;
  Place placeOf(const clang::Decl& at) const;
  Place placeOf(const llvm::Instruction& at, const KernelCode& kernel) const;

  /// The source as it is written there, macros unexpanded; empty where it is not one piece of text.
  std::string textOf(const clang::Stmt& at) const;
};

/// Collects the functions, kernels and variables, and prepares the IR.
LintContext makeContext(frontend::ParsedFile& file, const Contract* contract, const std::string& target);

/// Inlines into every kernel and puts variables into registers. Nothing that uses undefined behaviour runs.
void prepareIr(llvm::Module& module, const std::vector<frontend::KernelInfo>& kernels);

} // namespace kverify::verifier::lint
