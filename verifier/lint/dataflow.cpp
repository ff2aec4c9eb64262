// Outputs that do not depend on what they should: on any input, on one of them, on a reduction.
// Dependence is over-estimated (dependence.h), so that its absence is certain; that an operation asks for it is judged
// by the parameters' constness and by the kernel's name.
#include <algorithm>
#include <iterator>
#include <optional>

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

/// The pointers of a kernel: those it writes through, those that are only to be read, and those that could be written and
/// are not.
struct Interface {
  std::vector<const clang::ParmVarDecl*> outputs, inputs, unwritten;
  bool any_matters = false; ///< some output depends on one of the inputs or of those that are not written
  bool isConstant() const { return !inputs.empty() && !any_matters; }
};

/// An output that another kernel fills, or room to work in, is no input for not being written here.
bool soundsLikeOutput(llvm::StringRef name) {
  std::string lower = name.lower();
  for (const char* part : {"out", "dst", "res", "tmp", "temp", "work", "buf", "scratch", "grad"})
    if (lower.find(part) != std::string::npos)
      return true;
  return lower == "y" || lower == "o" || lower == "c" || lower == "d";
}

Interface interfaceOf(const clang::FunctionDecl& kernel, const Dependence& dependence) {
  Interface found;
  for (const clang::ParmVarDecl* parameter : kernel.parameters()) {
    if (!isData(parameter->getType()))
      continue;
    if (dependence.isWritten(parameter))
      found.outputs.push_back(parameter);
    else if (parameter->getType()->getPointeeType().isConstQualified())
      found.inputs.push_back(parameter);
    else if (mentions(kernel.getBody(), parameter) && !soundsLikeOutput(parameter->getName()))
      found.unwritten.push_back(parameter);
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
    if (kernel.outputs.empty() || kernel.inputs.size() + kernel.unwritten.size() == 0)
      continue;
    if (dependence.isOpaque()) {
      reporter.unknown(context.placeOf(*function.decl), "something is written whose address cannot be followed");
      continue;
    }
    std::set<const clang::ValueDecl*> sources;
    for (const clang::ParmVarDecl* output : kernel.outputs)
      sources.merge(dependence.sourcesOf(output));
    std::vector<const clang::ParmVarDecl*> ignored;
    auto is_ignored = [&](const clang::ParmVarDecl* input) { return !sources.count(dependence.sameMemory(input)); };
    std::copy_if(kernel.inputs.begin(), kernel.inputs.end(), std::back_inserter(ignored), is_ignored);
    // Of what could be written some must matter, or nothing here is an input.
    kernel.any_matters = ignored.size() < kernel.inputs.size() ||
                         !std::all_of(kernel.unwritten.begin(), kernel.unwritten.end(), is_ignored);
    if (kernel.any_matters)
      std::copy_if(kernel.unwritten.begin(), kernel.unwritten.end(), std::back_inserter(ignored), is_ignored);
    visit(function, kernel, ignored, sources);
  }
}

Place placeOfKernel(const LintContext& context, const UserFunction& kernel) {
  return context.placeOf(kernel.decl->getLocation(), &kernel);
}

using Sources = std::set<const clang::ValueDecl*>;
using Parameters = std::vector<const clang::ParmVarDecl*>;

bool isTensor(clang::QualType type) {
  const auto* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  return record && record->getIdentifier() && record->getName() == "Tensor";
}

bool makesTensor(llvm::StringRef name) {
  for (const char* maker : {"zeros", "zeros_like", "ones", "ones_like", "full", "full_like", "empty", "empty_like"})
    if (name == maker)
      return true;
  return false;
}

const clang::CallExpr* madeBy(const clang::Expr* value) {
  const auto* made = value ? llvm::dyn_cast_or_null<clang::CallExpr>(strip(value)) : nullptr;
  return made && makesTensor(calleeName(*made)) ? made : nullptr;
}

bool setsToConstant(llvm::StringRef name) {
  return name == "cudaMemset" || name == "cudaMemsetAsync" || name == "fill_" || name == "zero_";
}

/// How often the variable is named, other than where it is set to a constant.
unsigned timesNamed(const clang::Stmt* body, const clang::VarDecl& variable) {
  unsigned named = 0;
  forEach(body, [&](const clang::Stmt& part) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&part);
    if (call && setsToConstant(calleeName(*call)))
      return false;
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&part);
    named += reference && reference->getDecl() == &variable;
    return true;
  });
  return named;
}

/// `auto y = torch::zeros_like(x); return y;` with nothing between that could fill it; and functions of a tensor that
/// only ever return such a one.
void findUnfilled(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    if (!function.on_host)
      continue;
    std::vector<const clang::Stmt*> constant;
    bool all = true, takes_tensor = false;
    for (const clang::ParmVarDecl* parameter : function.decl->parameters())
      takes_tensor = takes_tensor || isTensor(parameter->getType());
    forEach(function.decl->getBody(), [&](const clang::Stmt& stmt) {
      const auto* result = llvm::dyn_cast<clang::ReturnStmt>(&stmt);
      if (!result || !result->getRetValue())
        return true;
      const auto* variable = llvm::dyn_cast_or_null<clang::VarDecl>(variableOf(result->getRetValue()));
      bool local = variable && variable->isLocalVarDecl() && madeBy(variable->getInit());
      if (local && timesNamed(function.decl->getBody(), *variable) == 1)
        reporter.report(context.placeOf(stmt, function), fmt::format("'{}' is returned as it was made: nobody fills it",
                                                                     variable->getNameAsString()));
      if (madeBy(result->getRetValue()))
        constant.push_back(result);
      else
        all = false;
      return true;
    });
    for (const clang::Stmt* one : takes_tensor && all ? constant : std::vector<const clang::Stmt*>())
      reporter.report(context.placeOf(*one, function), fmt::format("'{}' returns a tensor that nobody fills, whatever it is given",
                                                                   function.decl->getNameAsString()));
  }
}

void findConstants(const LintContext& context, Reporter& reporter) {
  forEachKernel(context, reporter,
                [&](const UserFunction& function, const Interface& kernel, const Parameters&, const Sources&) {
                  if (kernel.isConstant())
                    reporter.report(placeOfKernel(context, function),
                                    fmt::format("nothing that '{}' writes depends on any of its inputs",
                                                function.decl->getNameAsString()));
                });
  findUnfilled(context, reporter);
}

/// Does some device code of the file name the field?
bool isNamedOnDevice(const clang::FieldDecl& field, const LintContext& context) {
  bool found = false;
  for (const UserFunction& function : context.functions)
    forEach(function.on_device ? function.decl->getBody() : nullptr, [&](const clang::Stmt& stmt) {
      const auto* member = llvm::dyn_cast<clang::MemberExpr>(&stmt);
      const auto* open = llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(&stmt);
      found = found || (member && member->getMemberDecl() == &field) ||
              (open && open->getMember().getAsString() == field.getNameAsString());
      return !found;
    });
  return found;
}

/// Inputs inside a struct that a kernel is given.
void findIgnoredFields(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    if (!function.is_kernel)
      continue;
    for (const clang::ParmVarDecl* parameter : function.decl->parameters()) {
      const auto* record = parameter->getType().getNonReferenceType()->getAsCXXRecordDecl();
      if (!record || !record->hasDefinition() || !context.isUsers(record->getLocation()))
        continue;
      for (const clang::FieldDecl* field : record->fields())
        if (isData(field->getType()) && field->getType()->getPointeeType().isConstQualified() && !isNamedOnDevice(*field, context))
          reporter.report(context.placeOf(parameter->getLocation(), &function),
                          fmt::format("no device code names '{}.{}'", parameter->getNameAsString(), field->getNameAsString()));
    }
  }
}

bool asksOnly(llvm::StringRef name) {
  for (const char* query : {"size", "sizes", "numel", "dim", "ndimension", "options", "device", "dtype", "scalar_type", "is_cuda",
                            "is_contiguous", "stride", "strides", "get_device", "element_size", "defined", "type", "nbytes",
                            "device_type", "is_floating_point", "itemsize"})
    if (name == query)
      return true;
  return false;
}

/// Tensors that a host function is given, and asks for nothing but their shape.
void findIgnoredTensors(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    bool launches = false;
    forEach(function.on_host ? function.decl->getBody() : nullptr, [&](const clang::Stmt& stmt) {
      launches = launches || llvm::isa<clang::CUDAKernelCallExpr>(&stmt);
      return !launches;
    });
    for (const clang::ParmVarDecl* parameter : launches ? function.decl->parameters() : llvm::ArrayRef<clang::ParmVarDecl*>()) {
      if (!isTensor(parameter->getType()) || parameter->getName().empty())
        continue;
      bool used = false;
      forEach(function.decl->getBody(), [&](const clang::Stmt& stmt) {
        const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(&stmt);
        if (call && asksOnly(calleeName(*call)) && variableOf(call->getImplicitObjectArgument()) == parameter)
          return false;
        const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
        used = used || (reference && reference->getDecl() == parameter);
        return !used;
      });
      if (!used)
        reporter.report(context.placeOf(parameter->getLocation(), &function),
                        fmt::format("'{}' uses no value of '{}'", function.decl->getNameAsString(), parameter->getNameAsString()));
    }
  }
}

void findIgnored(const LintContext& context, Reporter& reporter) {
  findIgnoredFields(context, reporter);
  findIgnoredTensors(context, reporter);
  forEachKernel(context, reporter,
                [&](const UserFunction& function, const Interface& kernel, const Parameters& ignored, const Sources&) {
                  if (kernel.isConstant())
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

/// Which functions combine elements, themselves or in what they call.
std::set<const clang::FunctionDecl*> combiners(const std::vector<Facts>& all) {
  std::set<const clang::FunctionDecl*> found;
  for (const Facts& facts : all)
    if (combines(facts))
      found.insert(facts.function->getCanonicalDecl());
  for (bool grew = true; grew;) {
    grew = false;
    for (const Facts& facts : all)
      for (const Call& call : facts.calls)
        if (call.expr->getDirectCallee() && found.count(call.expr->getDirectCallee()->getCanonicalDecl()))
          grew |= found.insert(facts.function->getCanonicalDecl()).second;
  }
  return found;
}

/// Do host functions that launch the kernel launch one that combines? Nothing where nobody launches it.
std::optional<bool> launchedWithCombiner(const LintContext& context, const clang::FunctionDecl& kernel,
                                         const std::set<const clang::FunctionDecl*>& combining) {
  std::optional<bool> found;
  for (const UserFunction& function : context.functions) {
    bool launched = false, with = false;
    forEach(function.decl->getBody(), [&](const clang::Stmt& stmt) {
      const auto* launch = llvm::dyn_cast<clang::CUDAKernelCallExpr>(&stmt);
      const clang::FunctionDecl* callee = launch ? launch->getDirectCallee() : nullptr;
      launched = launched || (callee && callee->getCanonicalDecl() == kernel.getCanonicalDecl());
      with = with || (launch && (!callee || combining.count(callee->getCanonicalDecl())));
      return true;
    });
    if (launched)
      found = found.value_or(false) || with;
  }
  return found;
}

void findMissingReductions(const LintContext& context, Reporter& reporter) {
  std::set<const clang::FunctionDecl*> combining = combiners(factsOfAll(context, true));
  for (const UserFunction& function : context.functions) {
    const char* operation = function.is_kernel ? reductionIn(function.decl->getNameAsString()) : nullptr;
    if (!operation || combining.count(function.decl->getCanonicalDecl()))
      continue;
    std::optional<bool> together = launchedWithCombiner(context, *function.decl, combining);
    if (!combining.empty() && together == true)
      continue; // one kernel sums, the other divides
    if (reducesElsewhere(context, *function.decl))
      reporter.unknown(context.placeOf(*function.decl), "what it reduces may be handed in");
    else if (!combining.empty() && !together)
      reporter.unknown(context.placeOf(*function.decl), "another kernel combines elements, and nobody here launches this one");
    else
      reporter.report(placeOfKernel(context, function),
                      fmt::format("'{}' sounds like {}, and nothing that runs with it combines elements",
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
                "sound about the absence of dependence as far as all writes are followed; inputs are the pointers to const, those "
                "that are read and never written, const fields of structs, and tensors of a host function that launches",
                Severity::Warning,
                "__global__ void k(const float* x, const float* bias, float* y) { y[i] = x[i]; }            // bias is ignored\n"
                "__global__ void k(const float* x, const float* bias, float* y) { y[i] = x[i] + bias[j]; }  // right"},
       .run = findIgnored},
      {.info = {"gaming.no-reduction", "KV3307", "static", "a softmax, norm or product that never combines two elements",
                "each element on its own cannot be normalised or contracted: such a kernel is a copy or a constant that a "
                "loose tolerance lets through",
                "take the sum or maximum over the elements, or name the kernel after what it does",
                "heuristic: the operation is read from the kernel's name; sums of kernels that are launched with it, of the host "
                "and statistics handed in count", Severity::Warning,
                "__global__ void layer_norm(const float* x, float* y) { y[i] = x[i]; }   // a copy"},
       .run = findMissingReductions},
  };
}

} // namespace kverify::verifier::lint
