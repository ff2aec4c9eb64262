#include "frontend/kernel_consumer.h"

#include <algorithm>
#include <cctype>
#include <map>

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/GlobalDecl.h>
#include <clang/CodeGen/ModuleBuilder.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <fmt/format.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "frontend/clang_job.h"
#include "frontend/kernel_info.h"

namespace kverify::frontend {

namespace {
constexpr const char* kUsePrefix = "kverify_wanted_";

std::string withoutSpace(const std::string& text) {
  std::string kept;
  for (char c : text)
    if (!std::isspace(static_cast<unsigned char>(c)))
      kept += c;
  return kept;
}

bool isKernel(const clang::FunctionDecl& function) {
  return function.hasAttr<clang::CUDAGlobalAttr>();
}

/// The function that `auto* kverify_wanted_N = &name;` refers to.
const clang::FunctionDecl* functionOf(const clang::VarDecl& use) {
  const clang::Expr* value = use.getInit();
  if (!value)
    return nullptr;
  value = value->IgnoreParenImpCasts();
  if (const auto* cleanups = llvm::dyn_cast<clang::ExprWithCleanups>(value))
    value = cleanups->getSubExpr();
  if (const auto* address = llvm::dyn_cast<clang::UnaryOperator>(value))
    value = address->getSubExpr();
  const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(value->IgnoreParenImpCasts());
  return reference ? llvm::dyn_cast<clang::FunctionDecl>(reference->getDecl()) : nullptr;
}
} // namespace

bool sameName(const std::string& a, const std::string& b) {
  return withoutSpace(a) == withoutSpace(b);
}

const KernelInfo* findKernel(const DeviceModule& module, std::string_view written_name) {
  for (const KernelInfo& kernel : module.kernels)
    if (sameName(kernel.name, std::string(written_name)))
      return &kernel;
  return nullptr;
}

std::string instantiationText(const std::vector<WantedInstance>& wanted) {
  std::string text;
  for (const WantedInstance& instance : wanted) {
    // A presumed file name that says what the line is for, should clang have something to say about it.
    text += "\n\n#line 1 \"<the kernel asked for>\"\n";
    std::string use = fmt::format("auto* const {}{} = &{};", kUsePrefix, instance.request, instance.spelling);
    text += instance.scope.empty() ? use : fmt::format("namespace {} {{ {} }}", instance.scope, use);
  }
  return text.empty() ? text : text + "\n";
}

/// Hands everything but kernels on to clang's code generator at once, and the wanted kernels at the end, when every
/// template has been instantiated.
class KernelConsumer : public clang::ASTConsumer {
public:
  KernelConsumer(KernelAction& action, clang::CompilerInstance& compiler)
      : action_(action), compiler_(compiler),
        generator_(clang::CreateLLVMCodeGen(compiler.getDiagnostics(), "kverify", &compiler.getVirtualFileSystem(),
                                            compiler.getHeaderSearchOpts(), compiler.getPreprocessorOpts(),
                                            compiler.getCodeGenOpts(), action.context_)) {}

  void Initialize(clang::ASTContext& context) override { generator_->Initialize(context); }

  bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
    for (clang::Decl* decl : group)
      take(decl);
    return true;
  }
  void HandleInlineFunctionDefinition(clang::FunctionDecl* decl) override {
    if (!isKernel(*decl) && !action_.request_.only_seen)
      generator_->HandleInlineFunctionDefinition(decl);
  }
  void HandleTagDeclDefinition(clang::TagDecl* decl) override { generator_->HandleTagDeclDefinition(decl); }
  void HandleTagDeclRequiredDefinition(const clang::TagDecl* decl) override {
    generator_->HandleTagDeclRequiredDefinition(decl);
  }
  void HandleCXXStaticMemberVarInstantiation(clang::VarDecl* decl) override {
    generator_->HandleCXXStaticMemberVarInstantiation(decl);
  }
  void CompleteTentativeDefinition(clang::VarDecl* decl) override { generator_->CompleteTentativeDefinition(decl); }
  void CompleteExternalDeclaration(clang::DeclaratorDecl* decl) override {
    generator_->CompleteExternalDeclaration(decl);
  }
  void AssignInheritanceModel(clang::CXXRecordDecl* decl) override { generator_->AssignInheritanceModel(decl); }
  bool shouldSkipFunctionBody(clang::Decl* decl) override {
    const clang::FunctionDecl* function = decl->getAsFunction();
    return function && !function->hasAttr<clang::CUDADeviceAttr>() && !function->hasAttr<clang::CUDAGlobalAttr>();
  }
  void HandleVTable(clang::CXXRecordDecl* decl) override { generator_->HandleVTable(decl); }

  void HandleTranslationUnit(clang::ASTContext& context) override;

private:
  void take(clang::Decl* decl);
  void noteKernel(clang::FunctionDecl& kernel);
  void describe(clang::ASTContext& context);
  void choose();
  const clang::FunctionDecl* match(const std::string& name, bool& ambiguous) const;
  void emit(const clang::FunctionDecl& kernel, std::string name, clang::ASTContext& context);

  struct Found {
    clang::FunctionDecl* decl;
    std::string name, qualified;
  };

  KernelAction& action_;
  clang::CompilerInstance& compiler_;
  std::unique_ptr<clang::CodeGenerator> generator_;
  std::vector<clang::FunctionDecl*> kernels_;
  std::vector<clang::FunctionTemplateDecl*> templates_;
  std::map<std::size_t, const clang::FunctionDecl*> instances_; ///< by the number of the request
  std::vector<Found> found_;
  std::vector<std::pair<const clang::FunctionDecl*, std::string>> chosen_;
};

/// Walks into namespaces itself: the generator would emit the kernels inside.
void KernelConsumer::take(clang::Decl* decl) {
  if (auto* scope = llvm::dyn_cast<clang::DeclContext>(decl);
      scope && (llvm::isa<clang::NamespaceDecl>(decl) || llvm::isa<clang::LinkageSpecDecl>(decl))) {
    for (clang::Decl* inner : scope->decls())
      take(inner);
    return;
  }
  if (auto* made = llvm::dyn_cast<clang::FunctionTemplateDecl>(decl); made && isKernel(*made->getTemplatedDecl())) {
    if (made->isThisDeclarationADefinition() || made->isFirstDecl())
      templates_.push_back(made->getCanonicalDecl());
    return;
  }
  if (auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl); function && isKernel(*function)) {
    noteKernel(*function);
    return;
  }
  if (auto* use = llvm::dyn_cast<clang::VarDecl>(decl);
      use && use->getDeclName().isIdentifier() && use->getName().starts_with(kUsePrefix)) {
    std::size_t request = 0;
    if (!use->getName().substr(llvm::StringRef(kUsePrefix).size()).getAsInteger(10, request))
      instances_[request] = functionOf(*use);
    return;
  }
  if (!action_.request_.only_seen)
    generator_->HandleTopLevelDecl(clang::DeclGroupRef(decl));
}

void KernelConsumer::noteKernel(clang::FunctionDecl& kernel) {
  if (kernel.isDependentContext() || kernel.isTemplateInstantiation())
    return; // found through its template
  kernels_.push_back(kernel.getCanonicalDecl());
}

void KernelConsumer::describe(clang::ASTContext& context) {
  auto once = [](auto& list) {
    std::vector<std::remove_reference_t<decltype(list[0])>> kept;
    for (auto* item : list)
      if (std::find(kept.begin(), kept.end(), item) == kept.end())
        kept.push_back(item);
    list = kept;
  };
  once(kernels_);
  once(templates_);
  auto note = [&](clang::FunctionDecl* kernel) {
    clang::FunctionDecl* body = kernel->getDefinition();
    if (!body || body->isInvalidDecl())
      return;
    found_.push_back({body, printedName(*body, context, false), printedName(*body, context, true)});
  };
  for (clang::FunctionDecl* kernel : kernels_)
    note(kernel);
  for (clang::FunctionTemplateDecl* made : templates_) {
    clang::FunctionDecl& pattern = *made->getTemplatedDecl();
    action_.seen.push_back({made->getNameAsString(), made->getQualifiedNameAsString(), true, false,
                            printedParameters(pattern, context), locationOf(pattern, context)});
    for (clang::FunctionDecl* instance : made->specializations())
      note(instance);
  }
  std::stable_sort(found_.begin(), found_.end(), [&](const Found& a, const Found& b) {
    return a.decl != b.decl &&
           context.getSourceManager().isBeforeInTranslationUnit(a.decl->getLocation(), b.decl->getLocation());
  });
  for (const Found& kernel : found_)
    action_.seen.push_back({kernel.name, kernel.qualified, false, kernel.decl->isTemplateInstantiation(),
                            printedParameters(*kernel.decl, context), locationOf(*kernel.decl, context)});
}

/// By its whole name with its namespaces; or without them; or a template's bare name, when the file instantiates it
/// just once.
const clang::FunctionDecl* KernelConsumer::match(const std::string& name, bool& ambiguous) const {
  std::vector<const clang::FunctionDecl*> whole, short_form, bare;
  for (const Found& kernel : found_) {
    if (sameName(name, kernel.qualified) || sameName(name, "::" + kernel.qualified))
      whole.push_back(kernel.decl);
    if (sameName(name, kernel.name))
      short_form.push_back(kernel.decl);
    std::string base = kernel.decl->getNameAsString(), scoped = kernel.decl->getQualifiedNameAsString();
    if (kernel.decl->isTemplateInstantiation() && (sameName(name, base) || sameName(name, scoped)))
      bare.push_back(kernel.decl);
  }
  const auto& matches = !whole.empty() ? whole : !short_form.empty() ? short_form : bare;
  ambiguous = matches.size() > 1;
  return matches.size() == 1 ? matches.front() : nullptr;
}

void KernelConsumer::choose() {
  const std::vector<std::string>& names = action_.request_.names;
  for (std::size_t i = 0; i < names.size(); ++i) {
    bool ambiguous = false;
    const clang::FunctionDecl* kernel = nullptr;
    auto same = [&](const std::string& earlier) { return sameName(earlier, names[i]); };
    if (std::any_of(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), same))
      continue;
    if (auto instance = instances_.find(i); instance != instances_.end() && instance->second) {
      kernel = instance->second->getDefinition();
      if (kernel && !isKernel(*kernel))
        kernel = nullptr;
    }
    if (!kernel)
      kernel = match(names[i], ambiguous);
    if (kernel)
      chosen_.emplace_back(kernel, names[i]);
    else
      (ambiguous ? action_.ambiguous : action_.missing).push_back(names[i]);
  }
  if (!names.empty() && !action_.request_.others)
    return;
  std::map<std::string, int> uses;
  for (const Found& kernel : found_)
    ++uses[kernel.name];
  auto is_chosen = [&](const Found& kernel) {
    return std::any_of(chosen_.begin(), chosen_.end(), [&](const auto& one) { return one.first == kernel.decl; });
  };
  for (const Found& kernel : found_)
    if (!is_chosen(kernel))
      chosen_.emplace_back(kernel.decl, uses[kernel.name] > 1 ? kernel.qualified : kernel.name);
}

void KernelConsumer::emit(const clang::FunctionDecl& kernel, std::string name, clang::ASTContext& context) {
  KernelInfo info = describeKernel(kernel, context);
  info.name = std::move(name);
  info.mangled = generator_->GetMangledName(clang::GlobalDecl(&kernel, clang::KernelReferenceKind::Kernel)).str();
  bool emitted = std::any_of(action_.kernels.begin(), action_.kernels.end(),
                             [&](const KernelInfo& other) { return other.mangled == info.mangled; });
  action_.kernels.push_back(std::move(info));
  if (!emitted)
    generator_->HandleTopLevelDecl(clang::DeclGroupRef(const_cast<clang::FunctionDecl*>(&kernel)));
}

void KernelConsumer::HandleTranslationUnit(clang::ASTContext& context) {
  describe(context);
  if (action_.request_.only_seen)
    return;
  if (!compiler_.getDiagnostics().hasErrorOccurred()) {
    choose();
    for (auto& [kernel, name] : chosen_)
      emit(*kernel, name, context);
  }
  generator_->HandleTranslationUnit(context);
  if (compiler_.getDiagnostics().hasErrorOccurred())
    return;
  action_.module.reset(generator_->ReleaseModule());
  if (action_.module && action_.visit && action_.missing.empty() && action_.ambiguous.empty())
    action_.visit(compiler_);
}

KernelAction::KernelAction(llvm::LLVMContext& context, KernelRequest request)
    : context_(context), request_(std::move(request)) {}

KernelAction::~KernelAction() = default;

bool KernelAction::BeginSourceFileAction(clang::CompilerInstance& compiler) {
  compiler.getFrontendOpts().SkipFunctionBodies = request_.skip_host_bodies;
  compiler.getPreprocessor().addPPCallbacks(listenForHostHeaders(host_headers));
  return true;
}

std::unique_ptr<clang::ASTConsumer> KernelAction::CreateASTConsumer(clang::CompilerInstance& compiler,
                                                                    llvm::StringRef) {
  return std::make_unique<KernelConsumer>(*this, compiler);
}

} // namespace kverify::frontend
