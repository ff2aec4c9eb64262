#include "frontend/observe/host_code.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Mangle.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/CodeGen/CodeGenAction.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/MultiplexConsumer.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <fmt/format.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "frontend/kernel_info.h"

namespace kverify::frontend::observe {
namespace {

/// Finds the kernels, instances of templates included.
class Kernels : public clang::ASTConsumer, public clang::RecursiveASTVisitor<Kernels> {
public:
  explicit Kernels(std::vector<HostKernel>& found) : found_(found) {}

  void HandleTranslationUnit(clang::ASTContext& context) override {
    context_ = &context;
    mangle_.reset(context.createMangleContext());
    TraverseDecl(context.getTranslationUnitDecl());
  }
  bool shouldVisitTemplateInstantiations() const { return true; }
  bool VisitFunctionDecl(clang::FunctionDecl* function) {
    if (!function->hasAttr<clang::CUDAGlobalAttr>() || function->isDependentContext() || !function->isThisDeclarationADefinition())
      return true;
    std::string stub;
    llvm::raw_string_ostream out(stub);
    clang::GlobalDecl reference(function, clang::KernelReferenceKind::Stub);
    if (mangle_->shouldMangleDeclName(function))
      mangle_->mangleName(reference, out);
    else
      out << "__device_stub__" << function->getName();
    found_.push_back({printedName(*function, *context_, false), stub, describeKernel(*function, *context_)});
    return true;
  }

private:
  std::vector<HostKernel>& found_;
  clang::ASTContext* context_ = nullptr;
  std::unique_ptr<clang::MangleContext> mangle_;
};

class HostAction : public clang::EmitLLVMOnlyAction {
public:
  explicit HostAction(llvm::LLVMContext& context) : clang::EmitLLVMOnlyAction(&context) {}
  std::vector<HostKernel> kernels;

protected:
  bool BeginSourceFileAction(clang::CompilerInstance& compiler) override {
    compiler.getPreprocessor().addPPCallbacks(listenForHostHeaders(headers_));
    return clang::EmitLLVMOnlyAction::BeginSourceFileAction(compiler);
  }
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler, llvm::StringRef file) override {
    std::vector<std::unique_ptr<clang::ASTConsumer>> consumers;
    consumers.push_back(std::make_unique<Kernels>(kernels)); // first: generating code ends the tree's life
    consumers.push_back(clang::EmitLLVMOnlyAction::CreateASTConsumer(compiler, file));
    return std::make_unique<clang::MultiplexConsumer>(std::move(consumers));
  }

private:
  HostHeaders headers_;
};

/// "a::(anonymous namespace)::f" can be called as a::f.
std::string callable(std::string name) {
  constexpr std::string_view unnamed = "(anonymous namespace)::";
  for (std::size_t at = name.find(unnamed); at != std::string::npos; at = name.find(unnamed))
    name.erase(at, unnamed.size());
  return name;
}

std::string waysInto(const std::vector<std::string>& entries) {
  std::string text = "\n#line 1 \"<the run of host code>\"\n#include <kverify_observe/run.h>\n";
  for (std::size_t i = 0; i < entries.size(); ++i)
    text += fmt::format("extern \"C\" void {}() {{ kverify_observe::call(&{}); }}\n", entrySymbol(i), callable(entries[i]));
  return text;
}

} // namespace

HostCode::HostCode() = default;
HostCode::HostCode(HostCode&&) noexcept = default;
HostCode::~HostCode() = default;

std::string entrySymbol(std::size_t entry) { return fmt::format("kverify_entry_{}", entry); }

Expected<HostCode> compileHostSide(ClangJob job, const std::vector<std::string>& entries) {
  if (!job.toolkit.empty())
    return fail(ErrorKind::Compile, "host code is run with the built-in headers only", job.path);
  job.host_side = true;
  job.bytes += waysInto(entries);
  HostCode code;
  code.context = std::make_unique<llvm::LLVMContext>();
  HostAction action(*code.context);
  auto run = runClang(job, action);
  if (!run)
    return tl::unexpected(run.error());
  if (!run->ok)
    return fail(ErrorKind::Compile,
                run->errors_at.empty() ? "the host side does not compile"
                                       : fmt::format("the host side does not compile: {} ({}:{})", run->errors_at[0].message,
                                                     run->errors_at[0].file, run->errors_at[0].line),
                job.path);
  code.module = action.takeModule();
  if (!code.module)
    return fail(ErrorKind::Internal, "clang accepted the host side but generated no module", job.path);
  for (HostKernel& kernel : action.kernels)
    if (code.module->getFunction(kernel.stub))
      code.kernels.push_back(std::move(kernel));
  return code;
}

} // namespace kverify::frontend::observe
