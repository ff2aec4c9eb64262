// Outputs that do not depend on what they should: on any input, on one of them, on a reduction.
// Dependence is over-estimated (dependence.h), so that its absence is certain; that an operation asks for it is judged
// by the parameters' constness and by the kernel's name.
#include <algorithm>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <fmt/format.h>

#include "verifier/lint/code.h"
#include "verifier/lint/dependence.h"
#include "verifier/lint/families.h"

namespace kverify::verifier::lint {

namespace {

bool isData(clang::QualType type) {
  return type->isPointerType() && !type->getPointeeType()->isFunctionType();
}

/// The pointers of a kernel: those it writes through, and those that are only to be read.
struct Interface {
  std::vector<const clang::ParmVarDecl*> outputs, inputs;
};

Interface interfaceOf(const clang::FunctionDecl& kernel, const Dependence& dependence) {
  Interface found;
  for (const clang::ParmVarDecl* parameter : kernel.parameters()) {
    if (!isData(parameter->getType()))
      continue;
    if (dependence.isWritten(parameter))
      found.outputs.push_back(parameter);
    else if (parameter->getType()->getPointeeType().isConstQualified())
      found.inputs.push_back(parameter);
  }
  return found;
}

std::vector<Facts> factsOfAll(const LintContext& context, bool on_device) {
  std::vector<Facts> all;
  for (const UserFunction& function : context.functions)
    if (function.on_device == on_device)
      all.push_back(factsOf(*function.decl));
  return all;
}

template <class Visit> void forEachKernel(const LintContext& context, Reporter& reporter, Visit visit) {
  std::vector<Facts> facts = factsOfAll(context, true);
  Dependence dependence(context.functions, facts);
  for (const UserFunction& function : context.functions) {
    if (!function.is_kernel)
      continue;
    Interface kernel = interfaceOf(*function.decl, dependence);
    if (kernel.outputs.empty() || kernel.inputs.empty())
      continue;
    if (dependence.isOpaque()) {
      reporter.unknown(context.placeOf(*function.decl), "something is written whose address cannot be followed");
      continue;
    }
    std::set<const clang::ValueDecl*> sources;
    for (const clang::ParmVarDecl* output : kernel.outputs)
      sources.merge(dependence.sourcesOf(output));
    std::vector<const clang::ParmVarDecl*> ignored;
    for (const clang::ParmVarDecl* input : kernel.inputs)
      if (!sources.count(dependence.sameMemory(input)))
        ignored.push_back(input);
    visit(function, kernel, ignored, sources);
  }
}

Place placeOfKernel(const LintContext& context, const UserFunction& kernel) {
  return context.placeOf(kernel.decl->getLocation(), &kernel);
}

using Sources = std::set<const clang::ValueDecl*>;
using Parameters = std::vector<const clang::ParmVarDecl*>;

bool makesTensor(llvm::StringRef name) {
  for (const char* maker : {"zeros", "zeros_like", "ones", "ones_like", "full", "full_like", "empty", "empty_like"})
    if (name == maker)
      return true;
  return false;
}

/// `auto y = torch::zeros_like(x); return y;` with nothing between that could fill it.
void findUnfilled(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    if (!function.on_host)
      continue;
    forEach(function.decl->getBody(), [&](const clang::Stmt& stmt) {
      const auto* result = llvm::dyn_cast<clang::ReturnStmt>(&stmt);
      const auto* variable = result ? llvm::dyn_cast_or_null<clang::VarDecl>(variableOf(result->getRetValue())) : nullptr;
      const auto* made = variable && variable->isLocalVarDecl() && variable->getInit()
                             ? llvm::dyn_cast<clang::CallExpr>(strip(variable->getInit()))
                             : nullptr;
      unsigned named = 0;
      forEach(made && makesTensor(calleeName(*made)) ? function.decl->getBody() : nullptr, [&](const clang::Stmt& part) {
        const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&part);
        named += reference && reference->getDecl() == variable;
        return true;
      });
      if (named == 1)
        reporter.report(context.placeOf(stmt, function), fmt::format("'{}' is returned as it was made: nobody fills it",
                                                                     variable->getNameAsString()));
      return true;
    });
  }
}

void findConstants(const LintContext& context, Reporter& reporter) {
  forEachKernel(context, reporter,
                [&](const UserFunction& function, const Interface& kernel, const Parameters& ignored, const Sources&) {
                  if (ignored.size() == kernel.inputs.size())
                    reporter.report(placeOfKernel(context, function),
                                    fmt::format("nothing that '{}' writes depends on any of its inputs",
                                                function.decl->getNameAsString()));
                });
  findUnfilled(context, reporter);
}

void findIgnored(const LintContext& context, Reporter& reporter) {
  forEachKernel(context, reporter,
                [&](const UserFunction& function, const Interface& kernel, const Parameters& ignored, const Sources&) {
                  if (ignored.size() == kernel.inputs.size())
                    return; // gaming.constant-output says it
                  for (const clang::ParmVarDecl* input : ignored)
                    reporter.report(context.placeOf(input->getLocation(), &function),
                                    fmt::format("no output of '{}' depends on the values of '{}'",
                                                function.decl->getNameAsString(), input->getNameAsString()));
                });
}

/// Operations that no formula without a sum or maximum over the elements computes.
const char* reductionIn(const std::string& name) {
  std::string lower = llvm::StringRef(name).lower();
  lower.erase(std::remove(lower.begin(), lower.end(), '_'), lower.end());
  for (const char* elementwise : {"diag", "bias", "scale", "epilogue", "elementwise", "init", "copy", "transpose", "backward", "grad"})
    if (lower.find(elementwise) != std::string::npos)
      return nullptr;
  for (const char* operation : {"softmax", "layernorm", "rmsnorm", "groupnorm", "instancenorm", "logsumexp", "attention", "matmul", "gemm"})
    if (lower.find(operation) != std::string::npos)
      return operation;
  return nullptr;
}

/// Anything that could combine elements: a sum or maximum in a loop, shared memory, shuffles, atomics, tensor cores.
bool combines(const Facts& facts) {
  for (const Write& write : facts.writes) {
    bool itself = write.accumulates || (write.value && write.to && mentions(write.value, write.to));
    for (const clang::Expr* condition : write.around.conditions)
      itself = itself || (write.to && significantBits(write.to->getType()) > 0 && mentions(condition, write.to));
    bool is_float = write.target && (significantBits(write.target->getType()) > 0 || write.target->isTypeDependent() ||
                                     write.target->getType()->isRecordType());
    if (itself && is_float && !write.around.loops.empty())
      return true;
    if (write.to && write.to->hasAttr<clang::CUDASharedAttr>())
      return true;
  }
  for (const Call& call : facts.calls) {
    std::string lower = llvm::StringRef(call.name).lower();
    for (const char* part : {"shfl", "atomic", "reduce", "mma", "gemm", "sum", "__reduce"})
      if (lower.find(part) != std::string::npos)
        return true;
  }
  for (const Asm& one : facts.assembly)
    for (const char* part : {"mma", "shfl", "red.", "atom"})
      if (one.text.find(part) != std::string::npos)
        return true;
  return false;
}

/// Sums that the host leaves to a library, or statistics that are handed in.
bool reducesElsewhere(const LintContext& context, const clang::FunctionDecl& kernel) {
  for (const UserFunction& function : context.functions) {
    bool calls = function.on_host && callsAny(function.decl->getBody(), [](llvm::StringRef name) {
                   return name == "sum" || name == "mean" || name == "amax" || name == "max" || name == "norm" || name == "var" ||
                          name == "matmul" || name == "mm" || name == "bmm" || name.contains("gemm") || name.contains("Gemm");
                 });
    if (calls)
      return true;
  }
  for (const clang::ParmVarDecl* parameter : kernel.parameters()) {
    std::string lower = parameter->getName().lower();
    for (const char* part : {"mean", "var", "std", "sum", "max", "lse", "norm", "stat", "denom"})
      if (lower.find(part) != std::string::npos)
        return true;
  }
  return false;
}

void findMissingReductions(const LintContext& context, Reporter& reporter) {
  bool any = false;
  for (const Facts& facts : factsOfAll(context, true))
    any = any || combines(facts);
  if (any)
    return;
  for (const UserFunction& function : context.functions) {
    const char* operation = function.is_kernel ? reductionIn(function.decl->getNameAsString()) : nullptr;
    if (!operation)
      continue;
    if (reducesElsewhere(context, *function.decl))
      reporter.unknown(context.placeOf(*function.decl), "what it reduces may be handed in");
    else
      reporter.report(placeOfKernel(context, function),
                      fmt::format("'{}' sounds like {}, and no kernel of this file combines elements",
                                  function.decl->getNameAsString(), operation));
  }
}

} // namespace

std::vector<LintCheck> dataflowChecks() {
  return {
      {.info = {"gaming.constant-output", "KV3305", "static", "what a kernel writes depends on none of its inputs",
                "zeros, or anything below the absolute tolerance, pass flat tolerances; an output that no input reaches is "
                "not the operation, whatever a test says",
                "compute the output from the inputs, or drop the inputs that are not needed",
                "sound about the absence of dependence as far as all writes are followed; inputs are the pointers to const; of "
                "tensors that the host makes and returns, exact",
                Severity::Warning,
                "__global__ void softmax(const float* x, float* y) { y[threadIdx.x] = 1.0f / 1024; }   // wrong"},
       .run = findConstants},
      {.info = {"gaming.input-ignored", "KV3306", "static", "no output depends on one of the inputs",
                "attention without its keys is mean(V), and passes on the inputs that popular benchmarks use; a forgotten "
                "bias or scale passes where the test's is zero or one",
                "use the input, or take it out of the interface",
                "sound about the absence of dependence as far as all writes are followed; inputs are the pointers to const",
                Severity::Warning,
                "__global__ void k(const float* x, const float* bias, float* y) { y[i] = x[i]; }            // bias is ignored\n"
                "__global__ void k(const float* x, const float* bias, float* y) { y[i] = x[i] + bias[j]; }  // right"},
       .run = findIgnored},
      {.info = {"gaming.no-reduction", "KV3307", "static", "a softmax, norm or product that never combines two elements",
                "each element on its own cannot be normalised or contracted: such a kernel is a copy or a constant that a "
                "loose tolerance lets through",
                "take the sum or maximum over the elements, or name the kernel after what it does",
                "heuristic: the operation is read from the kernel's name; sums of other kernels of the file, of the host and "
                "statistics handed in count", Severity::Warning,
                "__global__ void layer_norm(const float* x, float* y) { y[i] = x[i]; }   // a copy"},
       .run = findMissingReductions},
  };
}

} // namespace kverify::verifier::lint
