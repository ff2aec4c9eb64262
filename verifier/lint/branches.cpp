// Branches that ask whether this is the test: on the size of the values, or on exact shapes.
#include <set>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>
#include <fmt/format.h>

#include "verifier/lint/code.h"
#include "verifier/lint/facts.h"
#include "verifier/lint/families.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

bool isAbsName(llvm::StringRef name) {
  return name == "fabsf" || name == "fabs" || name == "abs" || name == "__habs" || name == "__habs2";
}

/// A number that a magnitude could be tested against: not zero, not an epsilon, not a stand-in for infinity.
bool isThreshold(const clang::Expr* expr) {
  expr = strip(expr);
  const auto* literal = llvm::dyn_cast_or_null<clang::FloatingLiteral>(expr);
  if (!literal)
    return false;
  double value = literal->getValue().convertToDouble();
  return value > 1e-4 && value < 1e30;
}

/// Is the value the largest magnitude of many: a maximum over a loop, with an absolute value in it?
bool isLargestMagnitude(const clang::Expr* expr, const Facts& facts, int depth = 0) {
  const clang::ValueDecl* root = rootOf(expr);
  if (!root || depth > 3)
    return false;
  bool maximum = false, absolute = false, deeper = false;
  for (const Write* write : facts.writesTo(root)) {
    if (!write->value)
      continue;
    bool by_call = callsAny(write->value, isMaxName) && !write->around.loops.empty();
    bool by_test = false; // if (fabsf(v) > m) m = fabsf(v);
    for (const clang::Expr* condition : write->around.conditions)
      by_test = by_test || (!write->around.loops.empty() && mentions(condition, root));
    maximum = maximum || by_call || by_test;
    absolute = absolute || callsAny(write->value, isAbsName);
    forEach(write->value, [&](const clang::Stmt& stmt) {
      const auto* inner = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
      if (inner && inner->getDecl() != root) {
        deeper = deeper || isLargestMagnitude(inner, facts, depth + 1);
        for (const Write* other : facts.writesTo(inner->getDecl()))
          absolute = absolute || callsAny(other->value, isAbsName);
      }
      return true;
    });
  }
  return (maximum && absolute) || deeper;
}

/// x.abs().max().item<float>(), or a variable made from that.
bool isTensorMagnitude(const clang::Expr* expr, const Facts& facts, int depth = 0) {
  bool item = false, magnitude = false;
  forEach(expr, [&](const clang::Stmt& stmt) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
    std::string name = call ? calleeName(*call) : "";
    item = item || name == "item";
    magnitude = magnitude || name == "max" || name == "amax" || name == "norm" || name == "abs";
    return true;
  });
  const clang::ValueDecl* variable = variableOf(expr);
  if (variable && depth < 3)
    for (const Write* write : facts.writesTo(variable))
      if (write->value && isTensorMagnitude(write->value, facts, depth + 1))
        return true;
  return item && magnitude;
}

bool soundsLikeMagnitude(llvm::StringRef name) {
  std::string lower = name.lower();
  for (const char* part : {"absmax", "abs_max", "amax", "max_abs", "maxabs"})
    if (lower.find(part) != std::string::npos)
      return true;
  return false;
}

void findMagnitudes(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    Facts facts = factsOf(*function.decl);
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      const auto* compare = llvm::dyn_cast<clang::BinaryOperator>(&stmt);
      if (!compare || !compare->isComparisonOp())
        return;
      const clang::Expr* value = isThreshold(compare->getRHS())   ? compare->getLHS()
                                 : isThreshold(compare->getLHS()) ? compare->getRHS()
                                                                  : nullptr;
      const auto* handed = value ? llvm::dyn_cast_or_null<clang::ParmVarDecl>(variableOf(value)) : nullptr;
      if (handed && soundsLikeMagnitude(handed->getName()))
        reporter.unknown(context.placeOf(stmt, function), "what is handed in may be the largest magnitude of the input");
      else if (value && (isLargestMagnitude(value, facts) || isTensorMagnitude(value, facts)))
        reporter.report(context.placeOf(stmt, function),
                        fmt::format("{} branches on the largest magnitude of the input", context.textOf(stmt)));
    });
  }
}

/// A size: an integer that is passed in, or comes from a tensor, and is never changed.
bool isSize(const clang::Expr* expr, const Facts& facts) {
  const auto* variable = llvm::dyn_cast_or_null<clang::VarDecl>(variableOf(expr));
  if (!variable)
    return callsAny(expr, [](llvm::StringRef name) { return name == "size" || name == "numel"; });
  if (!variable->getType()->isIntegerType() || variable->getType()->isEnumeralType())
    return false;
  std::vector<const Write*> writes = facts.writesTo(variable);
  if (llvm::isa<clang::ParmVarDecl>(variable))
    return writes.empty();
  return writes.size() == 1 && writes[0]->value &&
         callsAny(writes[0]->value, [](llvm::StringRef name) { return name == "size" || name == "numel"; });
}

struct ShapeTest {
  std::set<std::string> sizes;
  std::set<std::int64_t> numbers;
  std::int64_t largest = 0;
};

ShapeTest shapeTest(const clang::Expr* condition, const Facts& facts, const clang::ASTContext& context) {
  ShapeTest test;
  forEach(condition, [&](const clang::Stmt& stmt) {
    const auto* compare = llvm::dyn_cast<clang::BinaryOperator>(&stmt);
    if (!compare || compare->getOpcode() != clang::BO_EQ)
      return true;
    for (auto [size, number] : {std::pair{compare->getLHS(), compare->getRHS()}, {compare->getRHS(), compare->getLHS()}}) {
      clang::Expr::EvalResult value;
      if (!isSize(size, facts) || number->isValueDependent() || !number->EvaluateAsInt(value, context))
        continue;
      std::int64_t exact = value.Val.getInt().getExtValue();
      if (exact < 8)
        continue;
      test.sizes.insert(std::to_string(reinterpret_cast<std::uintptr_t>(variableOf(size))));
      test.numbers.insert(exact);
      test.largest = std::max(test.largest, exact);
    }
    return true;
  });
  return test;
}

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

void findShapes(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    Facts facts = factsOf(*function.decl);
    walk(function.decl->getBody(), [&](const clang::Stmt& stmt, Ancestors) {
      const auto* choice = llvm::dyn_cast<clang::SwitchStmt>(&stmt);
      if (choice && isSize(choice->getCond(), facts))
        reporter.unknown(context.placeOf(stmt, function), "a switch over a size: its cases are not compared");
      const auto* test = llvm::dyn_cast<clang::IfStmt>(&stmt);
      if (!test || test->isConstexpr() || onlyLeaves(test->getThen()))
        return;
      ShapeTest shape = shapeTest(test->getCond(), facts, context.ast());
      bool exact = shape.sizes.size() >= 2 || (shape.sizes.size() == 1 && shape.largest >= 512);
      if (exact && !choosesInstance(test->getThen(), shape.numbers))
        reporter.report(context.placeOf(*test->getCond(), function),
                        fmt::format("a path of its own for exactly {}", context.textOf(*test->getCond())));
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
                "heuristic: a maximum of absolute values, taken in a loop, compared with a number that is neither tiny nor "
                "huge; elementwise thresholds (softplus) are not meant", Severity::Warning,
                "if (max_abs > 100.0f) exact(); else cheap();   // wrong"},
       .run = findMagnitudes},
      {.info = {"gaming.exact-shape", "KV3304", "static", "a path for one exact shape",
                "what is fast or right only for the benchmark's shape is neither for anyone else, and tests of that shape "
                "show nothing about the other path",
                "choose by a property (N % 4 == 0, N <= 1024), or instantiate a template over a list of sizes",
                "heuristic: two sizes, or one of 512 and more, compared with exact numbers, and the branch computes; that "
                "the branch only picks an instance of a template with this number is seen", Severity::Warning,
                "if (M == 4096 && N == 4096) fast(); else slow();   // wrong\n"
                "if (N % 4 == 0) vectorised(); else plain();        // right"},
       .run = findShapes},
  };
}

} // namespace kverify::verifier::lint
