// Floating-point division by a sum that may be zero.
// Sees sums of the same function, through square roots, products, shared memory and shuffles; not across kernels.
#include <set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <fmt/format.h>

#include "verifier/lint/code.h"
#include "verifier/lint/facts.h"
#include "verifier/lint/families.h"

namespace kverify::verifier::lint {

namespace {

class SumFinder {
public:
  SumFinder(const Facts& facts, const clang::ASTContext& context) : facts_(facts), context_(context) {}

  /// The sum that the divisor is, apart from roots and factors, where nothing keeps it from zero; or null.
  const Write* sumIn(const clang::Expr* divisor, const Around& around, int depth = 0) {
    divisor = strip(divisor);
    if (!divisor || depth > 5 || divisor->getType()->isIntegerType())
      return nullptr;
    if (const clang::ValueDecl* root = rootOf(divisor); root && !llvm::isa<clang::BinaryOperator>(divisor))
      return ofVariable(root, around, depth);
    if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(divisor)) {
      if (binary->getOpcode() == clang::BO_Mul) {
        const Write* left = sumIn(binary->getLHS(), around, depth + 1);
        return left ? left : sumIn(binary->getRHS(), around, depth + 1);
      }
      return binary->getOpcode() == clang::BO_Div ? sumIn(binary->getLHS(), around, depth + 1) : nullptr;
    }
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(divisor)) {
      std::string plain = calleeName(*call);
      if ((plain == "sqrt" || plain == "sqrtf" || plain == "__fsqrt_rn" || plain.find("2float") != std::string::npos) &&
          call->getNumArgs() == 1)
        return sumIn(call->getArg(0), around, depth + 1);
    }
    return nullptr;
  }

private:
  bool isGuarded(const clang::ValueDecl* variable, const Around& around) const {
    for (const clang::Expr* condition : around.conditions)
      if (mentions(condition, variable))
        return true;
    // `if (sum == 0) sum = 1;`
    for (const Write* write : facts_.writesTo(variable))
      for (const clang::Expr* condition : write->around.conditions)
        if (mentions(condition, variable) && !write->accumulates && !write->of_element)
          return true;
    return false;
  }

  /// Everything that the variable is made of, by values of this function.
  void collect(const clang::ValueDecl* variable, std::set<const clang::ValueDecl*>& seen) const {
    if (!seen.insert(variable).second)
      return;
    for (const Write* write : facts_.writesTo(variable))
      forEach(write->value, [&](const clang::Stmt& stmt) {
        const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
        if (reference && !llvm::isa<clang::FunctionDecl>(reference->getDecl()))
          collect(reference->getDecl(), seen);
        return true;
      });
  }

  /// Under a condition that is loaded, which may hold for no term at all.
  static bool isMasked(const Write& write) {
    bool loads = false;
    for (const clang::Expr* condition : write.around.conditions)
      forEach(condition, [&](const clang::Stmt& stmt) {
        loads = loads || llvm::isa<clang::ArraySubscriptExpr>(&stmt);
        return !loads;
      });
    return loads;
  }

  /// In itself, or in a function of the file that it calls.
  static bool takesExponential(const clang::Expr* value) {
    auto by_name = [](llvm::StringRef name) { return isExpName(name) || name.contains_insensitive("exp"); };
    bool found = callsAny(value, by_name);
    forEach(value, [&](const clang::Stmt& stmt) {
      const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
      const clang::FunctionDecl* body = call && call->getDirectCallee() ? call->getDirectCallee()->getDefinition() : nullptr;
      found = found || (body && callsAny(body->getBody(), by_name));
      return !found;
    });
    return found;
  }

  /// A sum with exp(0) = 1 in it, or one that does not begin at zero.
  bool isPositive(const clang::ValueDecl* variable) const {
    std::set<const clang::ValueDecl*> parts;
    collect(variable, parts);
    for (const clang::ValueDecl* part : parts)
      for (const Write* write : facts_.writesTo(part)) {
        if (!isMasked(*write) && takesExponential(write->value))
          return true;
        bool starts = write->is_init && facts_.accumulation(part);
        llvm::APFloat start(0.0f);
        if (starts && write->value && !write->value->isValueDependent() &&
            write->value->getType()->isRealFloatingType() && write->value->EvaluateAsFloat(start, context_) && !start.isZero())
          return true;
      }
    return false;
  }

  const Write* ofVariable(const clang::ValueDecl* variable, const Around& around, int depth) {
    if (isGuarded(variable, around) || !seen_.insert(variable).second)
      return nullptr;
    if (const Write* sum = facts_.accumulation(variable)) {
      llvm::APFloat term(0.0f);
      bool counts = sum->value && !sum->value->isValueDependent() && sum->value->getType()->isRealFloatingType() &&
                    sum->value->EvaluateAsFloat(term, context_);
      if (counts)
        return nullptr; // how many there are, not what they sum up to
      bool is_float = sum->target && significantBits(sum->target->getType()) > 0;
      return is_float && !isPositive(variable) ? sum : nullptr;
    }
    const Write* found = nullptr;
    for (const Write* write : facts_.writesTo(variable)) {
      const Write* sum = write->value ? sumIn(write->value, around, depth + 1) : nullptr;
      found = found ? found : sum;
    }
    return found;
  }

  const Facts& facts_;
  const clang::ASTContext& context_;
  std::set<const clang::ValueDecl*> seen_;
};

/// What divides: the right side of `/`, and the argument of reciprocals.
const clang::Expr* divisorOf(const clang::Expr* expr) {
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(expr))
    return binary->getRHS();
  const auto* call = llvm::cast<clang::CallExpr>(expr);
  std::string name = calleeName(*call);
  if ((name == "__fdividef" || name == "__fdiv_rn") && call->getNumArgs() == 2)
    return call->getArg(1);
  bool inverts = name == "rsqrtf" || name == "rsqrt" || name == "__frcp_rn" || name == "__frsqrt_rn";
  return inverts && call->getNumArgs() == 1 ? call->getArg(0) : nullptr;
}

void findDivisions(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    if (!function.on_device)
      continue;
    Facts facts = factsOf(*function.decl);
    auto divisions = facts.divisions;
    for (const Call& call : facts.calls)
      if (divisorOf(call.expr))
        divisions.emplace_back(call.expr, call.around);
    for (const auto& [division, around] : divisions) {
      const clang::Expr* divisor = divisorOf(division);
      if (divisor->isTypeDependent())
        reporter.unknown(context.placeOf(*division, function), "the divisor's type is a template's parameter");
      const Write* sum = SumFinder(facts, context.ast()).sumIn(divisor, around);
      if (!sum)
        continue;
      LintFinding& finding = reporter.report(context.placeOf(*division, function),
                                             fmt::format("the divisor {} is a sum that may be zero", context.textOf(*divisor)),
                                             "the division");
      also(finding, context.placeOf(*sum->site, function), "the sum");
    }
  }
}

} // namespace

std::vector<LintCheck> divisionChecks() {
  return {
      {.info = {"numerics.zero-sum-division", "KV3205", "static", "a division by a sum that may be zero",
                "a row of zeros gives 0/0 = NaN or x/0 = inf, and the framework's own operation usually has an epsilon or a "
                "rule for that case",
                "add an epsilon, or take the larger of the sum and one (fmaxf(norm, eps)), or test for zero; as the "
                "operation defines it",
                "heuristic: a sum of this function that starts at 0 and has no exponential in it, with nothing added and no "
                "condition about it on the way; that its terms cannot all be zero for another reason is not seen",
                Severity::Warning,
                "y[i] = x[i] / sqrtf(sum_of_squares);                 // NaN for a row of zeros\n"
                "y[i] = x[i] / fmaxf(sqrtf(sum_of_squares), 1e-12f);  // right"},
       .run = findDivisions,
       .decided_by = {"numerics.nonfinite"}},
  };
}

} // namespace kverify::verifier::lint
