// Sums that are kept in fewer bits than their length needs, or rounded back at every step.
#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/Expr.h>
#include <clang/AST/Stmt.h>
#include <fmt/format.h>
#include <llvm/Support/Regex.h>

#include "verifier/lint/code.h"
#include "verifier/lint/facts.h"
#include "verifier/lint/families.h"

namespace kverify::verifier::lint {

namespace {

constexpr unsigned kShort = 16; ///< terms that any type may sum

/// Loops around the write that are not around the variable's declaration.
std::vector<const clang::Stmt*> loopsOfSum(const Write& write, const Facts& facts) {
  std::vector<const clang::Stmt*> loops = write.around.loops;
  for (const Write& other : facts.writes)
    if (other.to == write.to && other.is_init)
      loops.erase(loops.begin(), loops.begin() + static_cast<std::ptrdiff_t>(
                                                     std::min(loops.size(), other.around.loops.size())));
  return loops;
}

bool isLong(const std::vector<const clang::Stmt*>& loops, const clang::ASTContext& context) {
  return std::any_of(loops.begin(), loops.end(), [&](const clang::Stmt* loop) { return !isShortLoop(*loop, context, kShort); });
}

/// `add(acc, x)` in a long loop, where add() is of the file and adds to its reference: the bits of acc, or 0.
int addedToByCall(const Call& call, const Facts& facts, const clang::ASTContext& context) {
  const clang::FunctionDecl* callee = call.expr->getDirectCallee();
  const clang::FunctionDecl* body = callee ? callee->getDefinition() : nullptr;
  if (!body || llvm::isa<clang::CXXMethodDecl>(body) || call.around.loops.empty())
    return 0;
  for (unsigned i = 0; i < call.expr->getNumArgs() && i < body->getNumParams(); ++i) {
    const clang::ParmVarDecl* parameter = body->getParamDecl(i);
    const clang::ValueDecl* sum = variableOf(call.expr->getArg(i));
    int bits = significantBits(parameter->getType());
    if (!parameter->getType()->isReferenceType() || !sum || bits == 0 || bits > 11)
      continue;
    Write as_write{.to = sum, .around = call.around};
    bool adds = false;
    for (const Write& write : factsOf(*body).writes)
      adds = adds || (write.to == parameter && write.accumulates && write.adds);
    if (adds && isLong(loopsOfSum(as_write, facts), context))
      return bits;
  }
  return 0;
}

/// fragment<accumulator, M, N, K, __half>
bool isHalfFragment(clang::QualType type) {
  type = type.getNonReferenceType().getCanonicalType();
  while (const auto* array = type->getAsArrayTypeUnsafe())
    type = array->getElementType().getCanonicalType();
  const auto* record = type->getAsCXXRecordDecl();
  const auto* made = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(record);
  if (!made || made->getName() != "fragment" || made->getTemplateArgs().size() < 5)
    return false;
  const clang::TemplateArgument& use = made->getTemplateArgs()[0];
  const clang::TemplateArgument& element = made->getTemplateArgs()[4];
  return use.getKind() == clang::TemplateArgument::Type && use.getAsType()->getAsCXXRecordDecl() &&
         use.getAsType()->getAsCXXRecordDecl()->getName() == "accumulator" &&
         element.getKind() == clang::TemplateArgument::Type && significantBits(element.getAsType()) == 11;
}

void findNarrow(const LintContext& context, Reporter& reporter) {
  llvm::Regex half_mma("mma\\.sync\\.[^ ]*\\.f16\\.f16\\.f16\\.f16");
  for (const UserFunction& function : context.functions) {
    if (!function.on_device)
      continue;
    Facts facts = factsOf(*function.decl);
    for (const Write& write : facts.writes) {
      if (!write.accumulates || !write.adds || !write.target)
        continue;
      clang::QualType type = write.target->getType();
      int bits = significantBits(type);
      bool is_long = isLong(loopsOfSum(write, facts), context.ast());
      if (type->isDependentType() && is_long)
        reporter.unknown(context.placeOf(*write.site, function), "the type of the sum is a template's parameter");
      if (bits == 0 || bits > 11 || !is_long)
        continue;
      reporter.report(context.placeOf(*write.site, function),
                      fmt::format("a long sum is kept in {} significant bits: after {} equal terms nothing is added any more",
                                  bits, 1 << bits));
    }
    for (const Call& call : facts.calls)
      if (int bits = addedToByCall(call, facts, context.ast()))
        reporter.report(context.placeOf(*call.expr, function),
                        fmt::format("a long sum is kept in {} significant bits: after {} equal terms nothing is added any more",
                                    bits, 1 << bits));
    for (const Call& call : facts.calls)
      if (call.name == "mma_sync" && call.expr->getNumArgs() >= 4 && isHalfFragment(call.expr->getArg(0)->getType()) &&
          isLong(call.around.loops, context.ast()))
        reporter.report(context.placeOf(*call.expr, function), "the tensor core's sum is kept in half precision: 11 significant bits");
    for (const Asm& one : facts.assembly)
      if (half_mma.match(one.text) && isLong(one.around.loops, context.ast()))
        reporter.report(context.placeOf(*one.stmt, function), "the tensor core's sum is kept in half precision: 11 significant bits");
  }
}

/// The type that the sum is computed in, before it is stored.
clang::QualType computedIn(const Write& write) {
  if (const auto* compound = llvm::dyn_cast<clang::CompoundAssignOperator>(write.site))
    return compound->getComputationResultType();
  const clang::Expr* value = write.value;
  while (const auto* cast = llvm::dyn_cast_or_null<clang::ImplicitCastExpr>(value))
    value = cast->getSubExpr();
  return value ? value->getType() : clang::QualType();
}

void findNarrowing(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    if (!function.on_device)
      continue;
    Facts facts = factsOf(*function.decl);
    for (const Write& write : facts.writes) {
      if (!write.accumulates || !write.adds || !write.target || !write.value || loopsOfSum(write, facts).empty())
        continue;
      clang::QualType kept = write.target->getType().getCanonicalType(), made = computedIn(write);
      if (made.isNull() || kept->isDependentType() || made->isDependentType()) {
        reporter.unknown(context.placeOf(*write.site, function), "the type of the sum is a template's parameter");
        continue;
      }
      made = made.getCanonicalType();
      bool to_integer = kept->isIntegerType() && made->isRealFloatingType();
      bool to_less = significantBits(kept) > 0 && significantBits(made) > significantBits(kept);
      if (to_integer || to_less)
        reporter.report(context.placeOf(*write.site, function),
                        fmt::format("the sum is computed in {} and {} to {} at every step",
                                    made.getUnqualifiedType().getAsString(), to_integer ? "cut off" : "rounded back",
                                    kept.getUnqualifiedType().getAsString()));
    }
  }
}

} // namespace

std::vector<LintCheck> accumulatorChecks() {
  return {
      {.info = {"numerics.narrow-accumulator", "KV3202", "static", "a long sum in half precision or less",
                "a half has 11 significant bits, a bfloat16 8: once the sum is 2048 (256) times a term, the term is "
                "lost; the error grows with the length, and flat tolerances do not see it",
                "keep the sum in float and round once, at the end; mma with .f32 accumulators",
                "heuristic: the type of the sum and the loop around it; that the loop is short at run time is not seen "
                "unless its head says so (16 turns or fewer, or halving)",
                Severity::Warning,
                "__half acc = 0;  for (int k = 0; k < K; ++k) acc += a[k] * b[k];                    // wrong\n"
                "float acc = 0;   for (int k = 0; k < K; ++k) acc += __half2float(a[k] * b[k]);      // better"},
       .run = findNarrow,
       .decided_by = {"numerics.bound"}},
      {.info = {"numerics.accumulator-narrowed", "KV3203", "static", "a sum computed in a wide type and kept in a narrow one",
                "every step converts up and rounds back: it costs the wide type's time (double is 1/64 of float's rate "
                "on many GPUs) and has the narrow type's error; to an integer it drops the fraction each time",
                "make the constants float (0.5f), or keep the sum in the wide type as well",
                "exact about the conversion that the language prescribes", Severity::Warning,
                "float sum = 0;  sum += x[i] * 0.5;    // computed in double, rounded back to float\n"
                "float sum = 0;  sum += x[i] * 0.5f;   // right"},
       .run = findNarrowing},
  };
}

} // namespace kverify::verifier::lint
