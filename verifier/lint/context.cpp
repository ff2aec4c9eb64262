#include "verifier/lint/context.h"

#include <algorithm>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/Expr.h>
#include <clang/AST/GlobalDecl.h>
#include <clang/AST/Mangle.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Module.h>

#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

/// Goes through the declarations of a file and keeps what is the user's.
class Collector {
public:
  explicit Collector(LintContext& context) : context_(context) {}

  void inside(const clang::DeclContext& scope) {
    for (const clang::Decl* decl : scope.decls())
      take(*decl);
  }

private:
  void take(const clang::Decl& decl) {
    if (const auto* made = llvm::dyn_cast<clang::FunctionTemplateDecl>(&decl)) {
      takeTemplate(*made);
    } else if (const auto* record = llvm::dyn_cast<clang::ClassTemplateDecl>(&decl)) {
      if (context_.isUsers(decl.getLocation()))
        takeClassTemplate(*record);
    } else if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&decl)) {
      takeFunction(*function, function->isDependentContext());
    } else if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(&decl)) {
      if (context_.isUsers(decl.getLocation()) && variable->isThisDeclarationADefinition())
        context_.variables.push_back(variable);
    } else if (const auto* scope = llvm::dyn_cast<clang::DeclContext>(&decl)) {
      // Namespaces may go on in headers and in the user's file; what is in a class is where the class is.
      if (!llvm::isa<clang::TagDecl>(&decl) || context_.isUsers(decl.getLocation()))
        inside(*scope);
    }
  }

  void takeTemplate(const clang::FunctionTemplateDecl& made) {
    if (made.getCanonicalDecl() != &made)
      return;
    bool any = false;
    for (const clang::FunctionDecl* instance : made.specializations())
      any |= instance->getDefinition() && takeFunction(*instance->getDefinition(), false);
    if (!any)
      if (const clang::FunctionDecl* body = made.getTemplatedDecl()->getDefinition())
        takeFunction(*body, true);
  }

  void takeClassTemplate(const clang::ClassTemplateDecl& made) {
    if (made.getCanonicalDecl() != &made)
      return;
    bool any = false;
    for (const clang::ClassTemplateSpecializationDecl* instance : made.specializations())
      if (instance->getSpecializationKind() == clang::TSK_ImplicitInstantiation ||
          instance->getSpecializationKind() == clang::TSK_ExplicitInstantiationDefinition) {
        inside(*instance);
        any = true;
      }
    if (!any)
      inside(*made.getTemplatedDecl());
  }

  bool takeFunction(const clang::FunctionDecl& function, bool dependent) {
    if (!function.doesThisDeclarationHaveABody() || function.isInvalidDecl() || function.isDefaulted() ||
        !context_.isUsers(function.getLocation()))
      return false;
    UserFunction user;
    user.decl = &function;
    user.is_kernel = function.hasAttr<clang::CUDAGlobalAttr>();
    user.on_device = user.is_kernel || function.hasAttr<clang::CUDADeviceAttr>();
    user.on_host = !user.on_device || function.hasAttr<clang::CUDAHostAttr>();
    user.is_dependent = dependent;
    context_.functions.push_back(user);
    walk(function.getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      const auto* group = llvm::dyn_cast<clang::DeclStmt>(&stmt);
      if (!group)
        return;
      for (const clang::Decl* decl : group->decls())
        if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl); variable && variable->isStaticLocal() &&
                                                                         !variable->hasAttr<clang::CUDASharedAttr>())
          context_.variables.push_back(variable);
    });
    return true;
  }

  LintContext& context_;
};

void findKernels(LintContext& context) {
  std::unique_ptr<clang::MangleContext> mangler(context.ast().createMangleContext());
  for (const frontend::KernelInfo& info : context.file.kernels) {
    KernelCode code;
    code.info = &info;
    code.function = context.file.module.getFunction(info.mangled);
    for (const UserFunction& function : context.functions) {
      if (!function.is_kernel || function.is_dependent)
        continue;
      std::string name;
      llvm::raw_string_ostream out(name);
      if (mangler->shouldMangleDeclName(function.decl))
        mangler->mangleName(clang::GlobalDecl(function.decl, clang::KernelReferenceKind::Kernel), out);
      else
        name = function.decl->getName();
      if (name == info.mangled)
        code.decl = function.decl;
    }
    bool known = std::any_of(context.kernels.begin(), context.kernels.end(),
                             [&](const KernelCode& other) { return other.function == code.function; });
    if (code.function && !code.function->isDeclaration() && !known)
      context.kernels.push_back(code);
  }
}

SourceLocation spelled(const clang::SourceManager& sources, clang::SourceLocation at) {
  clang::PresumedLoc presumed = sources.getPresumedLoc(sources.getExpansionLoc(at));
  if (presumed.isInvalid())
    return {};
  return {presumed.getFilename(), presumed.getLine(), presumed.getColumn(), ""};
}

} // namespace

const clang::SourceManager& LintContext::sources() const {
  return file.context.getSourceManager();
}

bool LintContext::isUsers(clang::SourceLocation at) const {
  if (at.isInvalid())
    return false;
  clang::SourceLocation expansion = sources().getExpansionLoc(at);
  if (sources().isInSystemHeader(expansion) || !sources().getFileEntryForID(sources().getFileID(expansion)))
    return false;
  return !sources().getFilename(expansion).starts_with("/kverify/");
}

Place LintContext::placeOf(clang::SourceLocation at, const UserFunction* inside) const {
  Place place;
  place.is_users = isUsers(at);
  place.stack = {spelled(sources(), at)};
  if (!inside)
    return place;
  place.stack[0].function = inside->decl->getNameAsString();
  for (const KernelCode& kernel : kernels) {
    // A device function may be reached by any kernel; a kernel is itself.
    if (inside->is_kernel ? kernel.decl == inside->decl : inside->on_device)
      place.kernels.push_back(kernel.info->name);
  }
  if (inside->is_kernel && place.kernels.empty())
    place.kernels.push_back(inside->decl->getNameAsString());
  return place;
}

Place LintContext::placeOf(const clang::Stmt& at, const UserFunction& inside) const {
  return placeOf(at.getBeginLoc(), &inside);
}

Place LintContext::placeOf(const clang::Decl& at) const {
  return placeOf(at.getLocation());
}

Place LintContext::placeOf(const llvm::Instruction& at, const KernelCode& kernel) const {
  Place place;
  place.kernels = {kernel.info->name};
  for (const llvm::DILocation* where = at.getDebugLoc().get(); where; where = where->getInlinedAt()) {
    const llvm::DISubprogram* function = where->getScope()->getSubprogram();
    place.stack.push_back({where->getFilename().str(), where->getLine(), where->getColumn(), function->getName().str()});
  }
  // What a header does is the doing of the line that calls it.
  auto is_users = [&](const SourceLocation& one) {
    if (one.line == 0 || one.file.starts_with("/kverify/"))
      return false;
    auto entry = sources().getFileManager().getOptionalFileRef(one.file);
    clang::FileID id = entry ? sources().translateFile(*entry) : clang::FileID();
    return id.isValid() ? !sources().isInSystemHeader(sources().getLocForStartOfFile(id)) : one.file == file.source.path;
  };
  while (!place.stack.empty() && !is_users(place.stack.front()))
    place.stack.erase(place.stack.begin());
  place.is_users = !place.stack.empty();
  return place;
}

std::string LintContext::textOf(const clang::Stmt& at) const {
  clang::CharSourceRange range = clang::Lexer::makeFileCharRange(
      clang::CharSourceRange::getTokenRange(at.getSourceRange()), sources(), ast().getLangOpts());
  return clang::Lexer::getSourceText(range, sources(), ast().getLangOpts()).str();
}

LintContext makeContext(frontend::ParsedFile& file, const Contract* contract, const std::string& target) {
  LintContext context{file, contract, target, {}, {}, {}};
  Collector(context).inside(*file.context.getTranslationUnitDecl());
  prepareIr(file.module, file.kernels);
  findKernels(context);
  return context;
}

} // namespace kverify::verifier::lint
