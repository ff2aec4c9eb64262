#include "frontend/host/facts.h"

#include <algorithm>

#include <clang/AST/Attr.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Frontend/CompilerInstance.h>
#include <fmt/format.h>

#include "frontend/ast.h"
#include "frontend/clang_job.h"
#include "frontend/host/close.h"
#include "frontend/host/interpreter.h"

namespace kverify::frontend::host {
namespace {

constexpr std::size_t kMostWays = 32; ///< that are followed, of one function
constexpr std::size_t kMostOpen = 4;  ///< of those without known launches, that are kept

bool isHosts(const clang::FunctionDecl& function, const clang::SourceManager& sources) {
  return function.doesThisDeclarationHaveABody() && !function.isDependentContext() && !sources.isInSystemHeader(function.getLocation()) &&
         !function.hasAttr<clang::CUDAGlobalAttr>() && !function.hasAttr<clang::CUDADeviceAttr>();
}

/// The file's own host functions that launch something.
void launchingFunctions(const clang::DeclContext& context, const clang::SourceManager& sources,
                        std::vector<const clang::FunctionDecl*>& found) {
  auto consider = [&](const clang::FunctionDecl& function) {
    if (isHosts(function, sources) && launches(function.getBody()))
      found.push_back(&function);
  };
  for (const clang::Decl* declaration : context.decls()) {
    if (sources.isInSystemHeader(declaration->getLocation()))
      continue;
    if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(declaration))
      consider(*function);
    else if (const auto* pattern = llvm::dyn_cast<clang::FunctionTemplateDecl>(declaration))
      for (const clang::FunctionDecl* instance : pattern->specializations())
        consider(*instance);
    else if (llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl, clang::CXXRecordDecl>(declaration))
      launchingFunctions(*llvm::cast<clang::DeclContext>(declaration), sources, found);
  }
}

void calledBy(const clang::Stmt* statement, std::set<const clang::FunctionDecl*>& callees) {
  if (!statement)
    return;
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(statement))
    if (const clang::FunctionDecl* callee = call->getDirectCallee())
      callees.insert(callee->getCanonicalDecl());
  if (const auto* lambda = llvm::dyn_cast<clang::LambdaExpr>(statement))
    calledBy(lambda->getBody(), callees);
  for (const clang::Stmt* child : statement->children())
    calledBy(child, callees);
}

/// Those that no other one calls: where a caller from outside comes in.
std::vector<const clang::FunctionDecl*> entriesOf(const std::vector<const clang::FunctionDecl*>& functions) {
  std::set<const clang::FunctionDecl*> called;
  for (const clang::FunctionDecl* function : functions) {
    std::set<const clang::FunctionDecl*> callees;
    calledBy(function->getBody(), callees);
    callees.erase(function->getCanonicalDecl());
    called.merge(callees);
  }
  std::vector<const clang::FunctionDecl*> entries;
  for (const clang::FunctionDecl* function : functions)
    if (!called.contains(function->getCanonicalDecl()) && function->getTemplatedKind() == clang::FunctionDecl::TK_NonTemplate)
      entries.push_back(function);
  return entries.empty() ? functions : entries;
}

void followAll(const clang::FunctionDecl& entry, clang::ASTContext& context, HostFacts& facts) {
  Choices choices;
  std::set<std::string> known;
  std::size_t before = facts.paths.size();
  std::optional<Missing> missing;
  std::vector<HostPath> open;
  const auto& sources = context.getSourceManager();
  unsigned line = sources.getPresumedLoc(sources.getExpansionLoc(entry.getLocation())).getLine();
  for (std::size_t way = 0;; ++way) {
    if (way == kMostWays) {
      facts.cut_off = true;
      break;
    }
    Trace trace = Interpreter(context, choices).follow(entry);
    Trace begun = trace;
    auto result = closed(std::move(trace), entry, context);
    if (auto* path = std::get_if<HostPath>(&result)) {
      path->line = line;
      HostPath plain = *path;
      plain.facts.clear();
      plain.way.clear();
      if (known.insert(contractText(plain, "")).second)
        facts.paths.push_back(std::move(*path));
    } else if (auto* one = std::get_if<Missing>(&result)) {
      missing = missing ? missing : *one;
      if (facts.paths.size() > before)
        facts.missing.push_back(*one);
    }
    if (!std::holds_alternative<HostPath>(result) && open.size() < kMostOpen)
      if (auto inputs = inputsOf(std::move(begun), entry, context))
        open.emplace_back(std::move(*inputs)).line = line;
    if (!choices.next())
      break;
  }
  if (missing || facts.paths.size() == before)
    std::move(open.begin(), open.end(), std::back_inserter(facts.open));
  if (missing && facts.missing.empty())
    facts.missing.push_back(*missing);
  else if (facts.paths.size() == before && !missing)
    facts.missing.push_back({entry.getNameAsString(), 0, fmt::format("no way through '{}' was found that launches a kernel", entry.getNameAsString())});
  else if (missing && facts.paths.size() == before)
    facts.missing.push_back(*missing);
}

} // namespace

const char* nameOf(Certainty certainty) {
  switch (certainty) {
  case Certainty::Observed: return "observed";
  case Certainty::Derived: return "derived";
  case Certainty::Assumed: return "assumed";
  case Certainty::Guessed: return "guessed";
  }
  return "?";
}

Expected<HostFacts> hostFactsOf(const std::string& path, const CompileOptions& options) {
  HostFacts facts;
  auto visited = visitFile(path, options, [&](ParsedFile& file) {
    facts.job = std::make_shared<ClangJob>(file.job);
    std::vector<const clang::FunctionDecl*> functions;
    launchingFunctions(*file.context.getTranslationUnitDecl(), file.context.getSourceManager(), functions);
    for (const clang::FunctionDecl* entry : entriesOf(functions))
      followAll(*entry, file.context, facts);
  });
  if (!visited)
    return tl::unexpected(visited.error());
  return facts;
}

} // namespace kverify::frontend::host
