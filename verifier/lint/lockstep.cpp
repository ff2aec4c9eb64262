// Code that trusts the threads of a warp to run in step: true before Volta, and no rule of CUDA.
// Exact about what is written; what the check cannot see is whether a __syncwarp elsewhere makes it right after all.
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <fmt/format.h>

#include "verifier/lint/families.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

const char* syncForm(llvm::StringRef name) {
  if (name == "__shfl" || name == "__shfl_up" || name == "__shfl_down" || name == "__shfl_xor")
    return "_sync";
  if (name == "__any" || name == "__all" || name == "__ballot")
    return "_sync";
  return nullptr;
}

void findLegacyWarpCalls(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions)
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      const clang::FunctionDecl* callee = calleeOf(stmt);
      const char* ending = callee && callee->getDeclName().isIdentifier() ? syncForm(callee->getName()) : nullptr;
      if (!ending)
        return;
      if (context.isUsers(callee->getLocation()))
        reporter.unknown(context.placeOf(stmt, function), "a function of the user's with this name");
      else
        reporter.report(context.placeOf(stmt, function), fmt::format("{} assumes that the warp runs in lockstep; {}{} does not",
                                                                     callee->getName().str(), callee->getName().str(), ending));
    });
}

} // namespace

std::vector<LintCheck> lockstepChecks() {
  return {
      {.info = {"sync.legacy-warp-call", "KV3003", "static", "a warp operation of before Volta, without a mask",
                "it names no lanes: since Volta the lanes that meet are those that happen to be there, and since sm_70 "
                "it does not compile",
                "use the _sync form and name the lanes that take part: __shfl_down_sync(0xffffffff, v, 16)",
                "exact: the call is there", Severity::Error,
                "v += __shfl_down(v, 16);                      wrong\n"
                "v += __shfl_down_sync(0xffffffff, v, 16);     right"},
       .run = findLegacyWarpCalls},
  };
}

} // namespace kverify::verifier::lint
