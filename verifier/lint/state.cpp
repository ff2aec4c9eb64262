// State that outlives a launch.
// Exact about what is written in this file; what the state is for, only a reader can tell.
#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <fmt/format.h>

#include "verifier/lint/code.h"
#include "verifier/lint/facts.h"
#include "verifier/lint/families.h"
#include "verifier/lint/origins.h"

namespace kverify::verifier::lint {

namespace {

/// Holds results or their addresses: a pointer to numbers, a tensor, a container, a struct with one of them. Not a handle,
/// not a flag.
bool holdsData(clang::QualType type, int depth = 0) {
  type = type.getNonReferenceType().getCanonicalType();
  if (type->isPointerType()) {
    clang::QualType pointee = type->getPointeeType();
    return pointee->isVoidType() || pointee->isArithmeticType() || significantBits(pointee) > 0;
  }
  if (const auto* array = type->getAsArrayTypeUnsafe())
    return array->getElementType()->isArithmeticType() || holdsData(array->getElementType(), depth + 1);
  const auto* record = type->getAsCXXRecordDecl();
  if (!record || !record->getIdentifier())
    return false;
  std::string name = record->getName().lower();
  for (const char* part : {"tensor", "vector", "map", "optional", "array", "unique_ptr", "shared_ptr", "deque", "list"})
    if (name.find(part) != std::string::npos)
      return true;
  if (record->hasDefinition() && !record->isInStdNamespace() && depth < 3)
    for (const clang::FieldDecl* field : record->fields())
      if (holdsData(field->getType(), depth + 1))
        return true;
  return false;
}

const clang::ValueDecl* canonical(const clang::ValueDecl* decl) {
  return decl ? llvm::cast<clang::ValueDecl>(decl->getCanonicalDecl()) : nullptr;
}

struct Use {
  const Write* write = nullptr;
  const clang::Stmt* change = nullptr; ///< an atomic or a method that changes it
  bool is_read = false;
};

/// May the callee write to `&variable`? A function without a body here that takes a pointer to something not constant.
bool takesToWrite(const Call& call, const clang::VarDecl& variable) {
  const clang::FunctionDecl* callee = call.expr->getDirectCallee();
  if (!callee || callee->hasBody() || !holdsData(variable.getType()))
    return false;
  for (const clang::Expr* argument : call.expr->arguments()) {
    const auto* address = llvm::dyn_cast_or_null<clang::UnaryOperator>(strip(argument));
    if (address && address->getOpcode() == clang::UO_AddrOf && canonical(variableOf(address->getSubExpr())) == &variable)
      return true;
  }
  return false;
}

Use useOf(const clang::VarDecl& variable, const Facts& facts) {
  Use use;
  unsigned named = 0, targets = 0;
  bool is_changed = false; // by something that reads it, too
  auto is_it = [&](const clang::Expr* expr) { return canonical(rootOf(expr)) == &variable; };
  forEach(facts.function->getBody(), [&](const clang::Stmt& stmt) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
    const auto* member = llvm::dyn_cast<clang::MemberExpr>(&stmt); // C::kept through an object
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);      // kept(), which returns it
    named += (reference && canonical(reference->getDecl()) == &variable) ||
             (member && canonical(member->getMemberDecl()) == &variable) ||
             (call && !llvm::isa<clang::CXXOperatorCallExpr>(call) && call->getNumArgs() == 0 && is_it(call));
    // A local reference that is bound to it is read wherever it is named.
    named += reference && canonical(reference->getDecl()) != &variable && reference->getDecl()->getType()->isReferenceType() &&
             is_it(reference);
    return true;
  });
  for (const Write& write : facts.writes)
    if (canonical(write.to) == &variable && !write.is_init) {
      use.write = use.write ? use.write : &write;
      targets += !write.accumulates;
    }
  for (const Call& call : facts.calls) {
    if (llvm::StringRef(call.name).starts_with("atomic") && call.expr->getNumArgs() && is_it(call.expr->getArg(0))) {
      use.change = call.expr;
      is_changed = true;
    }
    const auto* method = llvm::dyn_cast<clang::CXXMemberCallExpr>(call.expr);
    if (method && method->getMethodDecl() && !method->getMethodDecl()->isConst() && is_it(method->getImplicitObjectArgument())) {
      use.change = call.expr;
      is_changed = true;
    }
    if (takesToWrite(call, variable)) {
      use.change = call.expr;
      ++targets;
    }
  }
  use.is_read = named > targets || is_changed;
  return use;
}

/// A flag that is set once to a constant remembers that something was done, not what came out.
bool isOnlyFlag(const clang::VarDecl& variable, const Write& write, const clang::ASTContext& context) {
  return variable.getType()->isArithmeticType() && !write.accumulates && write.value &&
         !write.value->isValueDependent() && write.value->isEvaluatable(context);
}

bool isNamedOnHost(const clang::VarDecl& variable, const LintContext& context) {
  for (const UserFunction& function : context.functions)
    if (function.on_host && !function.on_device && mentions(function.decl->getBody(), &variable))
      return true;
  return false;
}

bool isProgram(const LintContext& context) {
  for (const UserFunction& function : context.functions)
    if (function.decl->isMain())
      return true;
  return false;
}

/// `static bool once = [&] { k<<<...>>>(...); return true; }();`
bool launchesIn(const clang::Expr* init) {
  bool found = false;
  forEach(init, [&](const clang::Stmt& stmt) {
    found = found || llvm::isa<clang::CUDAKernelCallExpr>(&stmt);
    return !found;
  });
  return found;
}

void findState(const LintContext& context, Reporter& reporter) {
  std::vector<Facts> facts;
  for (const UserFunction& function : context.functions)
    facts.push_back(factsOf(*function.decl));
  bool program = isProgram(context);
  for (const clang::VarDecl* defined : context.variables) {
    const auto* variable = llvm::cast<clang::VarDecl>(canonical(defined));
    bool on_device = variable->hasAttr<clang::CUDADeviceAttr>();
    if (!outlives(variable) || (!on_device && program))
      continue;
    bool read = false;
    const clang::Stmt* change = nullptr;
    std::size_t where = 0;
    for (std::size_t i = 0; i < facts.size(); ++i) {
      if (on_device && !context.functions[i].on_device)
        continue;
      Use use = useOf(*variable, facts[i]);
      read = read || use.is_read;
      bool counts = use.write && (on_device || holdsData(variable->getType()) ||
                                  (variable->getType()->isArithmeticType() && !isOnlyFlag(*variable, *use.write, context.ast())));
      if (!change && (counts || use.change)) {
        change = counts ? use.write->site : use.change;
        where = i;
      }
    }
    // `static Tensor cache = f(x);` is written where it is declared, and only the first time.
    bool kept = !on_device && !change && variable->isStaticLocal() && variable->hasInit() && holdsData(variable->getType()) &&
                callsAny(variable->getInit(), [](llvm::StringRef) { return true; });
    if (kept)
      reporter.report(context.placeOf(*defined), fmt::format("'{}' is filled by the first call and outlives it", variable->getNameAsString()));
    else if (variable->isStaticLocal() && launchesIn(variable->getInit()))
      reporter.report(context.placeOf(*defined), fmt::format("'{}' is set once: only the first call launches what sets it",
                                                             variable->getNameAsString()));
    if (on_device && !change && isNamedOnHost(*variable, context))
      reporter.unknown(context.placeOf(*defined), "the host has its address: what it does with it, and when, is not seen");
    if (!change || !read)
      continue;
    LintFinding& finding = reporter.report(
        context.placeOf(*defined), fmt::format("'{}' outlives the {}: what one writes, the next may read",
                                                variable->getNameAsString(), on_device ? "launch" : "call"));
    also(finding, context.placeOf(*change, context.functions[where]), "written here");
  }
}

} // namespace

std::vector<LintCheck> stateChecks() {
  return {
      {.info = {"gaming.persistent-state", "KV3301", "static", "state that outlives a launch",
                "an output kept from an earlier call passes every test that repeats its input, a counter makes the kernel "
                "right for ten calls and then wrong, and two streams that run the kernel at once disturb each other",
                "pass what must be kept as an argument, from a buffer that the caller owns and clears",
                "exact: written and read in this file, at file scope or static; what it is for is not judged",
                Severity::Warning,
                "__device__ float cached[1024];   // outlives the launch\n"
                "__global__ void k(float* scratch, ...)   // the caller sees it"},
       .run = findState},
  };
}

} // namespace kverify::verifier::lint
