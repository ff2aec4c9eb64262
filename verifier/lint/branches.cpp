// Branches that ask whether this is the test: on the size of the values, or on exact shapes.
#include <map>
#include <set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>
#include <fmt/format.h>

#include "verifier/lint/code.h"
#include "verifier/lint/facts.h"
#include "verifier/lint/families.h"
#include "verifier/lint/origins.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

bool isAbsName(llvm::StringRef name) {
  return name == "fabsf" || name == "fabs" || name == "abs" || name == "__habs" || name == "__habs2";
}

/// A number that a magnitude could be tested against: not zero, not an epsilon, not a stand-in for infinity.
bool isThreshold(const clang::Expr* expr, const clang::ASTContext& context) {
  expr = strip(expr);
  if (!expr || expr->isValueDependent())
    return false;
  clang::Expr::EvalResult integer;
  if (expr->getType()->isIntegerType())
    return expr->EvaluateAsInt(integer, context) && integer.Val.getInt().isStrictlyPositive();
  llvm::APFloat number(0.0);
  if (!expr->getType()->isRealFloatingType() || !expr->EvaluateAsFloat(number, context))
    return false;
  bool lost = false;
  number.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lost);
  double value = number.convertToDouble();
  return value > 1e-4 && value < 1e30;
}

/// fabsf(x), x < 0 ? -x : x, fmaxf(x, -x)
bool isAbsolute(const clang::Stmt& stmt) {
  auto negates = [](const clang::Expr* one, const clang::Expr* other) {
    const auto* minus = llvm::dyn_cast_or_null<clang::UnaryOperator>(strip(one));
    return minus && minus->getOpcode() == clang::UO_Minus && rootOf(minus->getSubExpr()) &&
           rootOf(minus->getSubExpr()) == rootOf(other);
  };
  if (const auto* either = llvm::dyn_cast<clang::ConditionalOperator>(&stmt))
    return negates(either->getTrueExpr(), either->getFalseExpr()) || negates(either->getFalseExpr(), either->getTrueExpr());
  const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
  if (!call)
    return false;
  std::string name = calleeName(*call);
  return isAbsName(name) || (isMaxName(name) && call->getNumArgs() == 2 &&
                             (negates(call->getArg(0), call->getArg(1)) || negates(call->getArg(1), call->getArg(0))));
}

bool isMinName(llvm::StringRef name) {
  return name == "min" || name == "fmin" || name == "fminf" || name == "__hmin" || name == "umin";
}

/// What a value that is compared is made of.
struct Magnitude {
  bool absolute = false, maximum = false, minimum = false, item = false, tensor_largest = false, element = false;
  bool isLargest() const { return (maximum && (absolute || minimum)) || (item && tensor_largest); }
};

Magnitude magnitudeOf(const clang::Expr* value, const Origins& origins) {
  Magnitude found;
  auto look = [&](const clang::Stmt& stmt) {
    found.absolute = found.absolute || isAbsolute(stmt);
    const auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(&stmt);
    found.element = found.element || (subscript && significantBits(subscript->getType()) > 0);
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
    std::string name = call ? calleeName(*call) : "";
    found.item = found.item || name == "item";
    found.tensor_largest = found.tensor_largest || name == "max" || name == "amax" || name == "norm" || name == "abs";
  };
  auto written = [&](const Write& write) {
    if (write.around.loops.empty() || !write.value)
      return;
    // m = fmaxf(m, v), or if (v > m) m = v;
    bool by_test = false;
    for (const clang::Expr* condition : write.around.conditions)
      by_test = by_test || (mentions(condition, write.to) && write.to->getType()->isRealFloatingType());
    found.maximum = found.maximum || (write.accumulates && callsAny(write.value, isMaxName)) || by_test;
    found.minimum = found.minimum || (write.accumulates && callsAny(write.value, isMinName));
  };
  origins.forEachPart(value, Origins::Through::AllWrites, look, written);
  return found;
}

/// The comparison of one element decides for all: it is voted on, or sets a flag that others read.
bool decidesForAll(Ancestors above) {
  for (std::size_t i = above.size(); i-- > 0;) {
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(above[i])) {
      std::string called = calleeName(*call);
      llvm::StringRef name(called);
      return name.starts_with("__syncthreads_") || name == "__any_sync" || name == "__all_sync" || name == "__ballot_sync";
    }
    const auto* test = llvm::dyn_cast<clang::IfStmt>(above[i]);
    if (!test)
      continue;
    const clang::Stmt* then = test->getThen();
    if (const auto* block = llvm::dyn_cast<clang::CompoundStmt>(then); block && block->size() == 1)
      then = block->body_front();
    const auto* set = llvm::dyn_cast<clang::BinaryOperator>(then);
    const auto* call = llvm::dyn_cast<clang::CallExpr>(then);
    const clang::Expr* to = set && set->isAssignmentOp()                                                     ? set->getLHS()
                            : call && call->getNumArgs() && llvm::StringRef(calleeName(*call)).starts_with("atomic") ? call->getArg(0)
                                                                                                             : nullptr;
    const auto* flag = llvm::dyn_cast_or_null<clang::VarDecl>(rootOf(to));
    clang::QualType type = flag ? flag->getType() : clang::QualType();
    return flag && (flag->hasAttr<clang::CUDASharedAttr>() || flag->hasGlobalStorage() || type->isPointerType() ||
                    type->isBooleanType()) && !(set && set->getRHS()->getType()->isRealFloatingType());
  }
  return false;
}

bool soundsLikeMagnitude(llvm::StringRef name) {
  std::string lower = name.lower();
  for (const char* part : {"absmax", "abs_max", "amax", "max_abs", "maxabs"})
    if (lower.find(part) != std::string::npos)
      return true;
  return false;
}

void findMagnitudes(const LintContext& context, Reporter& reporter) {
  Origins origins(context);
  for (const UserFunction& function : context.functions)
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors above) {
      const auto* compare = llvm::dyn_cast<clang::BinaryOperator>(&stmt);
      if (!compare || !compare->isComparisonOp() || stmt.getBeginLoc().isInvalid())
        return;
      const clang::Expr* value = isThreshold(compare->getRHS(), context.ast())   ? compare->getLHS()
                                 : isThreshold(compare->getLHS(), context.ast()) ? compare->getRHS()
                                                                                 : nullptr;
      if (!value || !value->getType()->isRealFloatingType())
        return;
      const auto* handed = llvm::dyn_cast_or_null<clang::ParmVarDecl>(variableOf(value));
      Magnitude magnitude = magnitudeOf(value, origins);
      std::string text = context.textOf(stmt);
      if (magnitude.isLargest())
        reporter.report(context.placeOf(stmt, function),
                        fmt::format("{} branches on the largest magnitude of the input", text.empty() ? "a macro" : text));
      else if (magnitude.absolute && magnitude.element && decidesForAll(above))
        reporter.report(context.placeOf(stmt, function),
                        fmt::format("{} of one element decides for all", text.empty() ? "the magnitude" : text));
      else if (handed && soundsLikeMagnitude(handed->getName()))
        reporter.unknown(context.placeOf(stmt, function), "what is handed in may be the largest magnitude of the input");
    });
}

bool isSizeName(llvm::StringRef name) {
  return name == "size" || name == "numel" || name == "sizes";
}

/// A size: an integer that is passed in, or comes from a tensor, and is never changed; or a product of such.
bool isSize(const clang::Expr* expr, const Facts& facts) {
  const auto* variable = llvm::dyn_cast_or_null<clang::VarDecl>(variableOf(expr));
  if (!variable) {
    const auto* product = llvm::dyn_cast_or_null<clang::BinaryOperator>(strip(expr));
    if (product && product->getOpcode() == clang::BO_Mul)
      return isSize(product->getLHS(), facts) && isSize(product->getRHS(), facts);
    const auto* call = llvm::dyn_cast_or_null<clang::CallExpr>(strip(expr));
    return call && callsAny(call, isSizeName);
  }
  if (!variable->getType()->isIntegerType() || variable->getType()->isEnumeralType())
    return false;
  std::vector<const Write*> writes = facts.writesTo(variable);
  if (llvm::isa<clang::ParmVarDecl>(variable))
    return writes.empty();
  if (writes.size() != 1 || !writes[0]->value || mentions(writes[0]->value, variable))
    return false;
  const auto* op = llvm::dyn_cast<clang::BinaryOperator>(strip(writes[0]->value));
  return op && op->getOpcode() == clang::BO_Mul ? isSize(op, facts)
                                                : !op && (callsAny(writes[0]->value, isSizeName) || isSize(writes[0]->value, facts));
}

struct ShapeTest {
  std::set<std::string> sizes;
  std::set<std::int64_t> numbers;
  std::int64_t largest = 0;
  const clang::Stmt* at = nullptr; ///< the first comparison
  bool by_difference = false;      ///< with !=: the path of its own is where the condition does not hold
};

/// Collects the comparisons of sizes with numbers in a condition: in itself, in the bool variables that it names, and in
/// the functions of the file that it calls.
class ShapeFinder {
public:
  ShapeFinder(const LintContext& context, const std::vector<Facts>& facts) : context_(context) {
    for (const Facts& one : facts)
      facts_[one.function->getCanonicalDecl()] = &one;
  }

  ShapeTest of(const clang::Expr* condition, const Facts& facts) {
    ShapeTest test;
    collect(condition, facts, test, 0);
    return test;
  }

private:
  void collect(const clang::Expr* condition, const Facts& facts, ShapeTest& test, int depth) {
    forEach(condition, [&](const clang::Stmt& stmt) {
      if (const auto* compare = llvm::dyn_cast<clang::BinaryOperator>(&stmt); compare && compare->isEqualityOp())
        take(*compare, facts, test);
      const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
      const auto* flag = reference ? llvm::dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
      if (flag && flag->getType()->isBooleanType() && flag->isLocalVarDecl() && flag->getInit() && depth < 3)
        collect(flag->getInit(), facts, test, depth + 1);
      const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
      const clang::FunctionDecl* callee = call ? call->getDirectCallee() : nullptr;
      auto body = callee && callee->getReturnType()->isBooleanType() ? facts_.find(callee->getCanonicalDecl()) : facts_.end();
      if (body != facts_.end() && depth < 3)
        forEach(body->second->function->getBody(), [&](const clang::Stmt& part) {
          if (const auto* result = llvm::dyn_cast<clang::ReturnStmt>(&part))
            collect(result->getRetValue(), *body->second, test, depth + 1);
          return true;
        });
      return true;
    });
  }

  void take(const clang::BinaryOperator& compare, const Facts& facts, ShapeTest& test) {
    for (auto [size, number] : {std::pair{compare.getLHS(), compare.getRHS()}, {compare.getRHS(), compare.getLHS()}}) {
      clang::Expr::EvalResult value;
      if (!isSize(size, facts) || number->isValueDependent() || !number->EvaluateAsInt(value, context_.ast()))
        continue;
      std::int64_t exact = value.Val.getInt().getExtValue();
      if (exact < 8)
        continue;
      std::string name = context_.textOf(*size);
      test.sizes.insert(name.empty() ? fmt::format("{}", test.sizes.size()) : name);
      test.numbers.insert(exact);
      test.largest = std::max(test.largest, exact);
      test.at = test.at ? test.at : &compare;
      test.by_difference = test.by_difference || compare.getOpcode() == clang::BO_NE;
    }
  }

  const LintContext& context_;
  std::map<const clang::FunctionDecl*, const Facts*> facts_;
};

/// `if (d == 64) launch<64>(…)`: choosing an instance is no special case.
bool choosesInstance(const clang::Stmt* branch, const std::set<std::int64_t>& numbers) {
  bool chooses = false;
  forEach(branch, [&](const clang::Stmt& stmt) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
    const auto* callee = reference ? llvm::dyn_cast<clang::FunctionDecl>(reference->getDecl()) : nullptr;
    const clang::TemplateArgumentList* arguments = callee ? callee->getTemplateSpecializationArgs() : nullptr;
    if (arguments)
      for (const clang::TemplateArgument& argument : arguments->asArray())
        chooses = chooses || (argument.getKind() == clang::TemplateArgument::Integral &&
                              numbers.count(argument.getAsIntegral().getExtValue()));
    return !chooses;
  });
  return chooses;
}

bool onlyLeaves(const clang::Stmt* branch) {
  if (const auto* block = llvm::dyn_cast_or_null<clang::CompoundStmt>(branch))
    return block->size() == 1 && onlyLeaves(block->body_front());
  return !branch || llvm::isa<clang::CXXThrowExpr>(branch) || llvm::isa<clang::NullStmt>(branch);
}

/// Computes something: a launch, a loop, or a write of more than a constant.
bool computes(const clang::Stmt* branch) {
  bool found = false;
  forEach(branch, [&](const clang::Stmt& stmt) {
    const auto* op = llvm::dyn_cast<clang::BinaryOperator>(&stmt);
    found = found || llvm::isa<clang::CUDAKernelCallExpr>(&stmt) || llvm::isa<clang::ForStmt>(&stmt) || (op && op->isAssignmentOp());
    return !found;
  });
  return found;
}

/// A size of 512 and more, or two of any, that a case of the switch names.
void judgeSwitch(const clang::SwitchStmt& choice, const LintContext& context, const UserFunction& function, Reporter& reporter) {
  bool open = false;
  for (const clang::SwitchCase* one = choice.getSwitchCaseList(); one; one = one->getNextSwitchCase()) {
    const auto* value = llvm::dyn_cast<clang::CaseStmt>(one);
    clang::Expr::EvalResult number;
    if (!value || value->getLHS()->isValueDependent() || !value->getLHS()->EvaluateAsInt(number, context.ast()))
      continue;
    std::int64_t exact = number.Val.getInt().getExtValue();
    if (exact >= 512 && computes(value) && !choosesInstance(value, {exact}))
      reporter.report(context.placeOf(*value, function), fmt::format("a path of its own for exactly {}", exact));
    else
      open = true;
  }
  if (open)
    reporter.unknown(context.placeOf(choice, function), "a switch over a size: small cases are not judged");
}

void findShapes(const LintContext& context, Reporter& reporter) {
  Origins origins(context);
  ShapeFinder finder(context, origins.facts());
  for (std::size_t i = 0; i < context.functions.size(); ++i) {
    const UserFunction& function = context.functions[i];
    const Facts& facts = origins.facts()[i];
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      const auto* choice = llvm::dyn_cast<clang::SwitchStmt>(&stmt);
      if (choice && isSize(choice->getCond(), facts))
        judgeSwitch(*choice, context, function, reporter);
      const auto* test = llvm::dyn_cast<clang::IfStmt>(&stmt);
      if (!test || test->isConstexpr() || onlyLeaves(test->getThen()))
        return;
      ShapeTest shape = finder.of(test->getCond(), facts);
      bool exact = shape.sizes.size() >= 2 || (shape.sizes.size() == 1 && shape.largest >= 512);
      // `if (n != 4096) return error;` is a demand, and no path of its own.
      if (!exact || (shape.by_difference && !computes(test->getThen())) || choosesInstance(test->getThen(), shape.numbers))
        return;
      std::string text = context.textOf(*test->getCond());
      LintFinding& finding =
          reporter.report(context.placeOf(*test->getCond(), function),
                          fmt::format("a path of its own for exactly {}", text.empty() ? fmt::format("{}", shape.largest) : text));
      Place compared = context.placeOf(*shape.at, function);
      if (compared.stack[0].line != context.placeOf(*test->getCond(), function).stack[0].line)
        also(finding, compared, "compared here");
    });
  }
}

} // namespace

std::vector<LintCheck> branchChecks() {
  return {
      {.info = {"gaming.magnitude-branch", "KV3303", "static", "a branch on the largest magnitude of the input",
                "exact mathematics only for values that look like a stress test, and something cheaper for the others: no "
                "operation asks for that, and inputs of mixed amplitude break it",
                "one path for all values; a scale for quantisation needs no branch",
                "heuristic: a maximum of absolute values, or a range, taken in a loop, or an element's magnitude that is voted "
                "on, compared with a number that is neither tiny nor huge; followed through variables and the file's "
                "functions; elementwise thresholds (softplus) are not meant", Severity::Warning,
                "if (max_abs > 100.0f) exact(); else cheap();   // wrong"},
       .run = findMagnitudes},
      {.info = {"gaming.exact-shape", "KV3304", "static", "a path for one exact shape",
                "what is fast or right only for the benchmark's shape is neither for anyone else, and tests of that shape "
                "show nothing about the other path",
                "choose by a property (N % 4 == 0, N <= 1024), or instantiate a template over a list of sizes",
                "heuristic: two sizes, or one of 512 and more, compared with exact numbers, there, in a bool or in a function "
                "of the file, and the branch computes; that the branch only picks an instance of a template with this number is seen", Severity::Warning,
                "if (M == 4096 && N == 4096) fast(); else slow();   // wrong\n"
                "if (N % 4 == 0) vectorised(); else plain();        // right"},
       .run = findShapes},
  };
}

} // namespace kverify::verifier::lint
