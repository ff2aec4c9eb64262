// State that outlives a launch, and code that recognises its caller by an address or a value.
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
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

bool outlives(const clang::ValueDecl* decl) {
  const auto* variable = llvm::dyn_cast_or_null<clang::VarDecl>(decl);
  return variable && variable->hasGlobalStorage() && !variable->hasAttr<clang::CUDASharedAttr>() &&
         !variable->hasAttr<clang::CUDAConstantAttr>() && !variable->isConstexpr() &&
         !variable->getType().isConstQualified();
}

/// Holds results or their addresses: a pointer to numbers, a tensor, a container. Not a handle, not a flag.
bool holdsData(clang::QualType type) {
  type = type.getCanonicalType();
  if (type->isPointerType()) {
    clang::QualType pointee = type->getPointeeType();
    return pointee->isVoidType() || pointee->isArithmeticType() || significantBits(pointee) > 0;
  }
  const auto* record = type->getAsCXXRecordDecl();
  if (!record || !record->getIdentifier())
    return false;
  std::string name = record->getName().lower();
  for (const char* part : {"tensor", "vector", "map", "optional", "array", "unique_ptr", "shared_ptr", "deque", "list"})
    if (name.find(part) != std::string::npos)
      return true;
  return false;
}

struct Use {
  const Write* write = nullptr;
  const clang::Stmt* change = nullptr; ///< an atomic or a method that changes it
  bool is_read = false;
};

Use useOf(const clang::VarDecl& variable, const Facts& facts) {
  Use use;
  unsigned named = 0, targets = 0;
  forEach(facts.function->getBody(), [&](const clang::Stmt& stmt) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
    named += reference && reference->getDecl() == &variable;
    return true;
  });
  for (const Write& write : facts.writes)
    if (write.to == &variable && !write.is_init) {
      use.write = use.write ? use.write : &write;
      targets += !write.accumulates;
    }
  for (const Call& call : facts.calls) {
    if (llvm::StringRef(call.name).starts_with("atomic") && call.expr->getNumArgs() && rootOf(call.expr->getArg(0)) == &variable)
      use.change = call.expr;
    const auto* method = llvm::dyn_cast<clang::CXXMemberCallExpr>(call.expr);
    if (method && method->getMethodDecl() && !method->getMethodDecl()->isConst() &&
        rootOf(method->getImplicitObjectArgument()) == &variable)
      use.change = call.expr;
  }
  use.is_read = named > targets || use.change;
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

void findState(const LintContext& context, Reporter& reporter) {
  std::vector<Facts> facts;
  for (const UserFunction& function : context.functions)
    facts.push_back(factsOf(*function.decl));
  bool program = isProgram(context);
  for (const clang::VarDecl* variable : context.variables) {
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
      reporter.report(context.placeOf(*variable), fmt::format("'{}' is filled by the first call and outlives it", variable->getNameAsString()));
    if (on_device && !change && isNamedOnHost(*variable, context))
      reporter.unknown(context.placeOf(*variable), "the host has its address: what it does with it, and when, is not seen");
    if (!change || !read)
      continue;
    LintFinding& finding = reporter.report(
        context.placeOf(*variable), fmt::format("'{}' outlives the {}: what one writes, the next may read",
                                                variable->getNameAsString(), on_device ? "launch" : "call"));
    also(finding, context.placeOf(*change, context.functions[where]), "written here");
  }
}

bool isNull(const clang::Expr* expr, clang::ASTContext& context) {
  return expr->isNullPointerConstant(context, clang::Expr::NPC_ValueDependentIsNotNull) != clang::Expr::NPCK_NotNull;
}

bool isComparison(const clang::Stmt* stmt) {
  const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(stmt);
  return binary && binary->isComparisonOp();
}

enum class Address { None, Read, Kept };

/// An address as a number, other than to see how it is aligned or to hand it to an instruction; or kept in a variable.
Address addressUse(const clang::Stmt& stmt, Ancestors above) {
  const auto* cast = llvm::dyn_cast<clang::CastExpr>(&stmt);
  if (!cast || cast->getCastKind() != clang::CK_PointerToIntegral)
    return Address::None;
  bool judged = false, kept = false;
  for (std::size_t i = above.size(); i-- > 0;) {
    const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(above[i]);
    if (binary && (binary->getOpcode() == clang::BO_Rem || binary->getOpcode() == clang::BO_And ||
                   binary->getOpcode() == clang::BO_Sub))
      return Address::None;
    kept = kept || llvm::isa<clang::DeclStmt>(above[i]);
    judged = judged || (binary && (binary->isEqualityOp() || binary->getOpcode() == clang::BO_Xor ||
                                   binary->getOpcode() == clang::BO_Shr || binary->getOpcode() == clang::BO_Mul));
    if (binary && binary->isAssignmentOp())
      judged = judged || outlives(rootOf(binary->getLHS()));
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(above[i]))
      for (const char* name : {"find", "insert", "emplace", "count", "hash", "operator[]", "at"})
        judged = judged || calleeName(*call).find(name) != std::string::npos;
  }
  return judged ? Address::Read : kept ? Address::Kept : Address::None;
}

/// `cache.find(x.data_ptr())`: what was kept is looked up by an address.
bool looksUpAddress(const clang::Stmt& stmt) {
  const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
  std::string name = call ? calleeName(*call) : "";
  if (name != "find" && name != "count" && name != "at" && name != "contains" && name != "operator[]")
    return false;
  const auto* method = llvm::dyn_cast<clang::CXXMemberCallExpr>(call);
  const clang::Expr* object = method ? method->getImplicitObjectArgument() : call->getNumArgs() ? call->getArg(0) : nullptr;
  if (!object || !outlives(rootOf(object)))
    return false;
  for (const clang::Expr* argument : call->arguments())
    if (const clang::Expr* key = strip(argument); key != strip(object) && key->getType()->isPointerType() &&
                                                  !key->getType()->getPointeeType()->isCharType())
      return true;
  return false;
}

/// `x[0] == 0.4967f`, `fabsf(x[7] - key) < 1e-6f`: an element at a fixed index against a number that says something.
bool isValueTest(const clang::Stmt& stmt, const clang::ASTContext& context) {
  if (!isComparison(&stmt))
    return false;
  bool element = false, number = false;
  forEach(&stmt, [&](const clang::Stmt& part) {
    if (const auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(&part)) {
      const clang::ValueDecl* root = rootOf(subscript);
      clang::Expr::EvalResult index;
      element = element || (llvm::isa_and_nonnull<clang::ParmVarDecl>(root) && significantBits(subscript->getType()) > 0 &&
                            !subscript->getIdx()->isValueDependent() && subscript->getIdx()->EvaluateAsInt(index, context));
      return false;
    }
    if (const auto* literal = llvm::dyn_cast<clang::FloatingLiteral>(&part)) {
      double value = std::abs(literal->getValue().convertToDouble());
      number = number || (value > 1e-3 && value != 1.0 && value < 1e30);
    }
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&part);
    number = number || (reference && outlives(reference->getDecl()));
    return true;
  });
  return element && number;
}

void findFingerprints(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions)
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors above) {
      const auto* compare = llvm::dyn_cast<clang::BinaryOperator>(&stmt);
      bool addresses = compare && compare->isEqualityOp() && compare->getLHS()->getType()->isPointerType() &&
                       !isNull(compare->getLHS(), context.ast()) && !isNull(compare->getRHS(), context.ast());
      if (addresses && (outlives(rootOf(compare->getLHS())) || outlives(rootOf(compare->getRHS()))))
        reporter.report(context.placeOf(stmt, function), "an address is compared with one of an earlier call");
      else if (looksUpAddress(stmt))
        reporter.report(context.placeOf(stmt, function), "what was kept is looked up by an address");
      else if (addressUse(stmt, above) == Address::Kept)
        reporter.unknown(context.placeOf(stmt, function), "an address is kept as a number: what becomes of it is not followed");
      else if (addressUse(stmt, above) == Address::Read)
        reporter.report(context.placeOf(stmt, function), "the number of an address decides about something other than alignment");
      else if (isValueTest(stmt, context.ast()))
        reporter.report(context.placeOf(stmt, function),
                        fmt::format("{} recognises an input by one of its values", context.textOf(stmt)));
    });
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
      {.info = {"gaming.fingerprint", "KV3302", "static", "an input is recognised by its address or by a value",
                "code that knows its test can answer from memory: no other caller gets the same result",
                "compute from the values; if an address must be known, only its alignment matters",
                "heuristic: addresses compared with kept ones, hashed or looked up; elements at fixed indices compared with "
                "odd numbers", Severity::Warning,
                "if (x == last_x) return;                  // the same buffer may hold other values\n"
                "if (x[0] == 0.4967f) ...                  // the test's seed"},
       .run = findFingerprints},
  };
}

} // namespace kverify::verifier::lint
