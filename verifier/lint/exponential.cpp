// Exponentials of a softmax: one that is summed without a shift by the maximum.
// Sees what one function does, and the sums of functions that it calls. A sum that a later kernel takes, and a shift that an
// earlier kernel made, are not seen.
#include <algorithm>
#include <set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>
#include <fmt/format.h>

#include "verifier/lint/code.h"
#include "verifier/lint/facts.h"
#include "verifier/lint/families.h"

namespace kverify::verifier::lint {

namespace {

/// Is `part` a term or factor of the value, and not hidden in a denominator or in another function?
bool isPartOf(const clang::Expr* value, const std::function<bool(const clang::Expr&)>& part) {
  value = strip(value);
  if (!value)
    return false;
  if (part(*value))
    return true;
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(value)) {
    if (binary->isAdditiveOp() || binary->getOpcode() == clang::BO_Mul)
      return isPartOf(binary->getLHS(), part) || isPartOf(binary->getRHS(), part);
    return (binary->getOpcode() == clang::BO_Div || binary->isAssignmentOp()) && isPartOf(binary->getLHS(), part);
  }
  if (const auto* either = llvm::dyn_cast<clang::ConditionalOperator>(value))
    return isPartOf(either->getTrueExpr(), part) || isPartOf(either->getFalseExpr(), part);
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(value)) {
    std::string name = calleeName(*call);
    bool passes = llvm::StringRef(name).contains("fma") || llvm::StringRef(name).contains("add") ||
                  llvm::StringRef(name).contains("mul") || llvm::StringRef(name).contains("2float") ||
                  llvm::StringRef(name).starts_with("operator");
    for (const clang::Expr* argument : call->arguments())
      if (passes && isPartOf(argument, part))
        return true;
  }
  return false;
}

enum class Shift { Yes, No, Unknown };

/// Is something subtracted in the argument, or is it bounded from above another way?
class ShiftFinder {
public:
  explicit ShiftFinder(const Facts& facts) : facts_(facts) {}

  Shift of(const clang::Expr* argument, int depth = 0) const {
    Shift result = Shift::No;
    forEach(argument, [&](const clang::Stmt& stmt) {
      if (result == Shift::Yes || llvm::isa<clang::ArraySubscriptExpr>(&stmt)) {
        merge(result, ofVariable(llvm::cast<clang::Expr>(&stmt), depth));
        return false; // a minus inside an index is none
      }
      if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt))
        merge(result, ofVariable(reference, depth));
      else
        merge(result, ofOperation(stmt));
      return true;
    });
    return result;
  }

private:
  static void merge(Shift& result, Shift more) {
    if (more == Shift::Yes || (more == Shift::Unknown && result == Shift::No))
      result = more;
  }

  static Shift ofOperation(const clang::Stmt& stmt) {
    if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&stmt))
      return binary->getOpcode() == clang::BO_Sub ? Shift::Yes : Shift::No;
    if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&stmt))
      return unary->getOpcode() == clang::UO_Minus ? Shift::Yes : Shift::No;
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
    if (!call)
      return Shift::No;
    std::string name = calleeName(*call);
    llvm::StringRef plain(name);
    if (plain.contains("sub") || plain.contains("min") || plain == "operator-" || plain.contains("neg") ||
        plain.contains("clamp") || plain.contains("log"))
      return Shift::Yes;
    const clang::FunctionDecl* callee = call->getDirectCallee();
    bool harmless = plain.contains("2float") || plain.contains("float2") || plain.contains("mul") ||
                    plain.contains("fma") || plain.contains("ldg") || plain.starts_with("operator");
    return (!callee || callee->hasBody()) && !harmless ? Shift::Unknown : Shift::No;
  }

  Shift ofVariable(const clang::Expr* named, int depth) const {
    const clang::ValueDecl* variable = rootOf(named);
    if (!variable || depth > 3)
      return Shift::No;
    Shift result = Shift::No;
    for (const Write* write : facts_.writesTo(variable)) {
      const auto* compound = llvm::dyn_cast<clang::BinaryOperator>(write->site);
      if (compound && compound->getOpcode() == clang::BO_SubAssign)
        return Shift::Yes;
      if (write->value && !mentions(write->value, variable))
        merge(result, of(write->value, depth + 1));
    }
    // A pointer that a function of the file may have written to.
    for (const Call& call : facts_.calls)
      for (const clang::Expr* argument : call.expr->arguments())
        if (rootOf(argument) == variable && argument->getType()->isPointerType() && call.expr->getDirectCallee() &&
            call.expr->getDirectCallee()->hasBody())
          merge(result, Shift::Unknown);
    return result;
  }

  const Facts& facts_;
};

/// Does the callee add up what it is given, over the lanes, in a loop or in shared memory?
bool addsUp(const clang::CallExpr& call, unsigned number) {
  const clang::FunctionDecl* callee = call.getDirectCallee();
  const clang::FunctionDecl* body = callee ? callee->getDefinition() : nullptr;
  if (!body || number >= body->getNumParams())
    return false;
  const clang::ParmVarDecl* parameter = body->getParamDecl(number);
  Facts facts = factsOf(*body);
  if (facts.accumulation(parameter))
    return true;
  // v kept in shared memory, and that summed
  for (const Write& write : facts.writes)
    if (write.to && write.of_element && write.value && mentions(write.value, parameter) && facts.accumulation(write.to))
      return true;
  return false;
}

/// Where the exponential is summed, or null.
const clang::Stmt* sumOf(const clang::CallExpr& exponential, const Facts& facts) {
  std::vector<const clang::ValueDecl*> carriers;
  auto is_it = [&](const clang::Expr& expr) { return &expr == &exponential; };
  auto carries = [&](const clang::Expr& expr) {
    const clang::ValueDecl* root = rootOf(&expr);
    bool named = llvm::isa<clang::DeclRefExpr>(&expr) || llvm::isa<clang::ArraySubscriptExpr>(&expr);
    return is_it(expr) || (named && std::find(carriers.begin(), carriers.end(), root) != carriers.end());
  };
  for (const Write& write : facts.writes) {
    if (!write.value || !isPartOf(write.value, is_it))
      continue;
    if (write.accumulates && write.adds && !write.around.loops.empty())
      return write.site;
    if (write.to && !write.accumulates)
      carriers.push_back(write.to);
  }
  for (const Write& write : facts.writes) {
    bool own = std::find(carriers.begin(), carriers.end(), write.to) != carriers.end();
    // `s[t] += s[t + offset]` sums what was put into s, `e += y` something else
    if (write.accumulates && write.adds && (!own || write.of_element || mentions(write.value, write.to)) &&
        !write.around.loops.empty() && write.value && isPartOf(write.value, carries))
      return write.site;
    if (write.accumulates && write.adds && own && !write.around.loops.empty() && callsAny(write.value, [](llvm::StringRef name) {
          return name.starts_with("__shfl");
        }))
      return write.site;
  }
  for (const Call& call : facts.calls)
    for (unsigned i = 0; i < call.expr->getNumArgs(); ++i)
      if ((addsUp(*call.expr, i) || (i == 1 && llvm::StringRef(call.name).starts_with("atomicAdd"))) &&
          isPartOf(call.expr->getArg(i), carries))
        return call.expr;
  return nullptr;
}

/// Functions of the file that only give an exponential of what they are given: `float ex(float v) { return exp2f(v * c); }`
std::set<const clang::FunctionDecl*> exponentialsIn(const LintContext& context) {
  std::set<const clang::FunctionDecl*> found;
  for (const UserFunction& function : context.functions) {
    const auto* block = llvm::dyn_cast_or_null<clang::CompoundStmt>(function.decl->getBody());
    const auto* result = block && block->size() == 1 ? llvm::dyn_cast<clang::ReturnStmt>(block->body_front()) : nullptr;
    const auto* call = result ? llvm::dyn_cast_or_null<clang::CallExpr>(strip(result->getRetValue())) : nullptr;
    if (!call || !isExpName(calleeName(*call)) || call->getNumArgs() != 1 || function.decl->getNumParams() != 1)
      continue;
    Facts facts = factsOf(*function.decl);
    if (ShiftFinder(facts).of(call->getArg(0)) == Shift::No && mentions(call->getArg(0), function.decl->getParamDecl(0)))
      found.insert(function.decl->getCanonicalDecl());
  }
  return found;
}

void findUnshifted(const LintContext& context, Reporter& reporter) {
  std::set<const clang::FunctionDecl*> own = exponentialsIn(context);
  for (const UserFunction& function : context.functions) {
    if (!function.on_device)
      continue;
    Facts facts = factsOf(*function.decl);
    for (const Call& call : facts.calls) {
      const clang::FunctionDecl* callee = call.expr->getDirectCallee();
      bool is_own = callee && own.count(callee->getCanonicalDecl());
      if ((!is_own && !isExpName(call.name)) || call.expr->getNumArgs() != 1)
        continue;
      const clang::Stmt* sum = sumOf(*call.expr, facts);
      if (!sum)
        continue;
      Shift shift = ShiftFinder(facts).of(call.expr->getArg(0));
      if (shift == Shift::Unknown)
        reporter.unknown(context.placeOf(*call.expr, function), "what the exponential is taken of comes out of another function");
      if (shift != Shift::No)
        continue;
      LintFinding& finding = reporter.report(
          context.placeOf(*call.expr, function),
          fmt::format("{}() is summed, and nothing is subtracted from what it is taken of", call.name), "the exponential");
      also(finding, context.placeOf(*sum, function), "the sum");
    }
  }
}

} // namespace

std::vector<LintCheck> exponentialChecks() {
  return {
      {.info = {"numerics.exp-unshifted", "KV3201", "static", "a sum of exponentials with no maximum subtracted",
                "expf overflows from 88.8 on (half precision: 11.1) and its sum is infinite: a softmax of such scores "
                "gives 0 or NaN, and below -87 all terms vanish and the division is 0/0",
                "subtract the row's maximum first: exp(x - max); the quotient is the same",
                "heuristic: an exponential that the same function, or one that it calls, sums, with no subtraction, negation "
                "or minimum on the way to its argument; that the scores are small for another reason is not seen",
                Severity::Warning,
                "for (int i = 0; i < n; ++i) sum += expf(x[i]);            // wrong\n"
                "for (int i = 0; i < n; ++i) sum += expf(x[i] - row_max);  // right"},
       .run = findUnshifted,
       .decided_by = {"numerics.nonfinite"}},
  };
}

} // namespace kverify::verifier::lint
