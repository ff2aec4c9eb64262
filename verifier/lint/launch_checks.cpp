// What the host does around a launch: does it look for errors, and does it ask for the shared memory that it uses?
// Complete for launches in this file; a check in another file is not seen.
#include <map>
#include <set>

#include <clang/AST/Decl.h>
#include <clang/AST/ExprCXX.h>
#include <clang/Basic/SourceManager.h>
#include <fmt/format.h>

#include "kverify/device_limits.h"
#include "verifier/lint/families.h"
#include "verifier/lint/launches.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

std::string nameOf(const clang::FunctionDecl* function) {
  return function && function->getDeclName().isIdentifier() ? function->getNameAsString() : std::string();
}

bool asksForErrors(const std::string& name) {
  return name == "cudaGetLastError" || name == "cudaPeekAtLastError" || name == "c10_cuda_check_implementation";
}

/// The user's functions that ask for the last error, themselves or through others.
std::set<const clang::FunctionDecl*> askers(const LintContext& context) {
  std::set<const clang::FunctionDecl*> found;
  for (bool grew = true; grew;) {
    grew = false;
    for (const UserFunction& function : context.functions)
      walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
        const clang::FunctionDecl* callee = calleeOf(stmt);
        if (callee && (asksForErrors(nameOf(callee)) || found.count(callee->getCanonicalDecl())))
          grew |= found.insert(function.decl->getCanonicalDecl()).second;
      });
  }
  return found;
}

/// How a host function looks after its launches.
struct Care {
  clang::SourceLocation last_question; ///< the last place that asks for the error of a launch
  bool uses_synchronise = false;       ///< the result of a synchronisation is looked at
};

Care careOf(const UserFunction& function, const std::set<const clang::FunctionDecl*>& known, const clang::SourceManager& sources) {
  Care care;
  walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors above) {
    const clang::FunctionDecl* callee = calleeOf(stmt);
    if (!callee)
      return;
    std::string name = nameOf(callee);
    clang::SourceLocation at = sources.getExpansionLoc(stmt.getBeginLoc());
    if ((asksForErrors(name) || known.count(callee->getCanonicalDecl())) &&
        (care.last_question.isInvalid() || sources.isBeforeInTranslationUnit(care.last_question, at)))
      care.last_question = at;
    bool discarded = above.empty() || llvm::isa<clang::CompoundStmt>(above.back());
    if ((name == "cudaDeviceSynchronize" || name == "cudaStreamSynchronize") && !discarded)
      care.uses_synchronise = true;
  });
  return care;
}

bool isAsked(const UserFunction& function, clang::SourceLocation launch, const LintContext& context,
             const std::set<const clang::FunctionDecl*>& known, int depth, bool& by_synchronising);

/// Is there a question after every call of this function?
bool callersAsk(const UserFunction& function, const LintContext& context, const std::set<const clang::FunctionDecl*>& known,
                int depth, bool& by_synchronising) {
  bool any = false, all = true;
  for (const UserFunction& caller : context.functions)
    walk(caller.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      const clang::FunctionDecl* callee = calleeOf(stmt);
      if (!callee || caller.decl == function.decl || callee->getCanonicalDecl() != function.decl->getCanonicalDecl())
        return;
      any = true;
      all = all && isAsked(caller, stmt.getBeginLoc(), context, known, depth - 1, by_synchronising);
    });
  return any && all;
}

bool isAsked(const UserFunction& function, clang::SourceLocation launch, const LintContext& context,
             const std::set<const clang::FunctionDecl*>& known, int depth, bool& by_synchronising) {
  const clang::SourceManager& sources = context.sources();
  Care care = careOf(function, known, sources);
  by_synchronising |= care.uses_synchronise;
  clang::SourceLocation at = sources.getExpansionLoc(launch);
  if (care.last_question.isValid() && !sources.isBeforeInTranslationUnit(care.last_question, at))
    return true;
  return depth > 0 && callersAsk(function, context, known, depth, by_synchronising);
}

/// One finding a function that launches.
void tell(const std::vector<const KernelLaunch*>& launches, const LintContext& context, Reporter& reporter) {
  const KernelLaunch& first = *launches.front();
  std::string name = nameOf(first.kernel);
  std::string what = name.empty() ? "this launch" : fmt::format("the launch of '{}'", name);
  LintFinding& finding = reporter.report(
      context.placeOf(*first.call, *first.inside),
      launches.size() == 1 ? fmt::format("nobody asks whether {} succeeded", what)
                           : fmt::format("nobody asks whether {} and {} more succeeded", what, launches.size() - 1));
  for (std::size_t i = 1; i < launches.size(); ++i)
    also(finding, context.placeOf(*launches[i]->call, *launches[i]->inside), "nor this one");
}

void findUncheckedLaunches(const LintContext& context, Reporter& reporter) {
  std::set<const clang::FunctionDecl*> known = askers(context);
  std::vector<KernelLaunch> all = launchesOf(context);
  std::map<const clang::FunctionDecl*, std::vector<const KernelLaunch*>> unasked;
  std::vector<const clang::FunctionDecl*> order;
  for (const KernelLaunch& launch : all) {
    bool by_synchronising = false;
    if (isAsked(*launch.inside, launch.call->getBeginLoc(), context, known, 3, by_synchronising))
      continue;
    if (by_synchronising)
      reporter.unknown(context.placeOf(*launch.call, *launch.inside),
                       "the result of a synchronisation is looked at, which has errors of runs, not of all launches");
    else if (unasked[launch.inside->decl].push_back(&launch); unasked[launch.inside->decl].size() == 1)
      order.push_back(launch.inside->decl);
  }
  for (const clang::FunctionDecl* function : order)
    tell(unasked[function], context, reporter);
}

/// Is the attribute for more dynamic shared memory set anywhere in the file?
bool setsAttribute(const LintContext& context) {
  bool found = false;
  for (const UserFunction& function : context.functions)
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      found |= nameOf(calleeOf(stmt)).starts_with("cudaFuncSetAttribute");
      const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
      const auto* open = call ? llvm::dyn_cast<clang::UnresolvedLookupExpr>(call->getCallee()->IgnoreParenImpCasts()) : nullptr;
      found |= open && open->getName().getAsString() == "cudaFuncSetAttribute";
    });
  return found;
}

void findMissingAttribute(const LintContext& context, Reporter& reporter) {
  bool is_set = setsAttribute(context);
  for (const KernelLaunch& launch : launchesOf(context)) {
    Place place = context.placeOf(*launch.call, *launch.inside);
    if (is_set || launch.shared_bytes == 0)
      continue;
    if (!launch.shared_bytes)
      reporter.unknown(place, "the shared memory asked for is computed");
    else if (*launch.shared_bytes > device_limits::static_shared_bytes)
      reporter.report(place, fmt::format("{} bytes of dynamic shared memory, and nothing raises the limit of {} for '{}'",
                                         *launch.shared_bytes, device_limits::static_shared_bytes, nameOf(launch.kernel)));
  }
}

} // namespace

std::vector<LintCheck> launchChecks() {
  return {
      {.info = {"launch.no-error-check", "KV3046", "static", "a launch that nobody asks about",
                "a launch that fails leaves the output as it was, often with the result of an earlier run, and no other call "
                "says so",
                "ask cudaGetLastError() after the launch and act on what it says",
                "exact for the function that launches and the functions of this file that it calls; a check in another file "
                "is not seen; one finding a function",
                Severity::Note,
                "k<<<grid, block>>>(x, y);                                              wrong\n"
                "k<<<grid, block>>>(x, y);\n"
                "if (cudaError_t e = cudaGetLastError(); e != cudaSuccess) return e;    right"},
       .run = findUncheckedLaunches},
      {.info = {"launch.dynamic-shared-attribute", "KV3044", "static",
                "more than 48 KiB of dynamic shared memory, and the attribute for it is not set",
                "the launch fails: a kernel has to ask for more than 48 KiB",
                "cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes) before the first launch",
                "exact for sizes that are constants; an attribute that another file sets is not seen, one that this file sets "
                "is taken to be for this kernel",
                Severity::Warning,
                "k<<<grid, block, 65536>>>(x);                                                      wrong\n"
                "cudaFuncSetAttribute(k, cudaFuncAttributeMaxDynamicSharedMemorySize, 65536);\n"
                "k<<<grid, block, 65536>>>(x);                                                      right"},
       .run = findMissingAttribute},
  };
}

} // namespace kverify::verifier::lint
