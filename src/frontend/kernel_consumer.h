#pragma once
// The clang action: parses, generates device IR for the kernels asked for only, and describes them.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <clang/Frontend/FrontendAction.h>

#include "frontend/clang_job.h"
#include "frontend/device_module.h"

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace kverify::frontend {

/// What is wanted of one file.
struct KernelRequest {
  std::vector<std::string> names; ///< as written by the user; empty = every kernel that has a body
  bool others = false;            ///< every other kernel that has a body too
  bool only_seen = false;         ///< no code at all, `KernelAction::seen` alone
  /// Bodies of host functions are passed over: nothing that only they instantiate is there, and nothing in them is an
  /// error. Libraries of templates (CUTLASS) take minutes with them and seconds without.
  bool skip_host_bodies = false;
};

/// A template kernel that the file must be made to instantiate.
struct WantedInstance {
  std::size_t request = 0; ///< index into KernelRequest::names
  std::string spelling;    ///< "flash<64, true>"
  std::string scope;       ///< the namespace in which the spelling is to be read; "" = the global one
};

/// The text to append to the main file so that the wanted templates are instantiated; "" when none is wanted.
/// Line numbers of the file itself stay as they are.
std::string instantiationText(const std::vector<WantedInstance>& wanted);

/// A kernel that the file has, wanted or not.
struct SeenKernel {
  std::string name;           ///< "flash<64, true>", without namespaces
  std::string qualified_name; ///< "ns::flash<64, true>"
  bool is_template = false;   ///< a template itself, not an instantiation
  bool is_instance = false;
  std::vector<std::string> parameters; ///< "const float *x"
  SourceLocation location;
};

class KernelAction : public clang::ASTFrontendAction {
public:
  KernelAction(llvm::LLVMContext& context, KernelRequest request);
  ~KernelAction() override;

  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler, llvm::StringRef) override;
  bool BeginSourceFileAction(clang::CompilerInstance& compiler) override;

  std::unique_ptr<llvm::Module> module; ///< device IR; null after an error
  std::vector<KernelInfo> kernels;      ///< the emitted ones, in source order (request order when names were given)
  std::vector<SeenKernel> seen;         ///< every kernel and kernel template of the file
  std::vector<std::string> missing;     ///< requested names that matched nothing
  std::vector<std::string> ambiguous;   ///< requested names that matched several kernels
  HostHeaders host_headers;
  /// Called when all is generated without an error, while the syntax tree and `module` are there. May be empty.
  std::function<void(clang::CompilerInstance&)> visit;

private:
  friend class KernelConsumer;
  llvm::LLVMContext& context_;
  KernelRequest request_;
};

/// True when the two names differ in white space only.
bool sameName(const std::string& a, const std::string& b);

} // namespace kverify::frontend
