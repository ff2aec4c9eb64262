#include "verifier/lint/facts.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>
#include <clang/AST/StmtCXX.h>

#include "verifier/lint/code.h"

namespace kverify::verifier::lint {

namespace {

bool leaves(const clang::Stmt* stmt) {
  if (!stmt)
    return false;
  if (const auto* block = llvm::dyn_cast<clang::CompoundStmt>(stmt))
    return !block->body_empty() && leaves(block->body_back());
  return llvm::isa<clang::ReturnStmt>(stmt) || llvm::isa<clang::ContinueStmt>(stmt) || llvm::isa<clang::BreakStmt>(stmt);
}

bool isPlainVariable(const clang::Expr* target) {
  return variableOf(target) != nullptr;
}

/// `acc + v`, `v + acc`, `fma(a, b, acc)`: is the variable one of the terms, not a factor?
bool isTermOf(const clang::ValueDecl* variable, const clang::Expr* value, const clang::Expr* target) {
  value = strip(value);
  if (!value)
    return false;
  if (const clang::ValueDecl* root = rootOf(value); root == variable && !llvm::isa<clang::BinaryOperator>(value))
    return isPlainVariable(target) == isPlainVariable(value);
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(value))
    return binary->isAdditiveOp() &&
           (isTermOf(variable, binary->getLHS(), target) || isTermOf(variable, binary->getRHS(), target));
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(value)) {
    std::string lower = llvm::StringRef(calleeName(*call)).lower();
    llvm::StringRef plain(lower);
    if (plain.contains("fma") && call->getNumArgs() == 3)
      return isTermOf(variable, call->getArg(2), target);
    bool is_sum = plain.contains("add") || plain == "operator+" || plain == "operator-";
    bool converts = call->getNumArgs() == 1 && plain.contains("2");
    if (is_sum || converts)
      for (const clang::Expr* argument : call->arguments())
        if (isTermOf(variable, argument, target))
          return true;
  }
  return false;
}

class Walker {
public:
  explicit Walker(Facts& facts) : facts_(facts) {}

  void visit(const clang::Stmt* stmt);

private:
  void children(const clang::Stmt* stmt) {
    for (const clang::Stmt* child : stmt->children())
      visit(child);
  }
  void under(const clang::Expr* condition, const clang::Stmt* stmt) {
    if (!stmt)
      return;
    if (condition)
      around_.conditions.push_back(condition);
    visit(stmt);
    if (condition)
      around_.conditions.pop_back();
  }
  void block(const clang::CompoundStmt& block);
  void loop(const clang::Stmt& loop, const clang::Stmt* first, const clang::Expr* condition, const clang::Stmt* step,
            const clang::Stmt* body);
  void branch(const clang::Stmt& stmt);
  void expression(const clang::Expr& expr);
  void declare(const clang::DeclStmt& group);
  void assign(const clang::Expr* target, const clang::Expr* value, const clang::Stmt* site, bool compound, bool adds);
  void assembly(const clang::GCCAsmStmt& stmt);
  bool overloaded(const clang::CXXOperatorCallExpr& call);

  Facts& facts_;
  Around around_;
};

void Walker::block(const clang::CompoundStmt& block) {
  std::size_t before = around_.conditions.size();
  for (const clang::Stmt* stmt : block.body()) {
    visit(stmt);
    // What comes after `if (c) return;` runs only where c does not hold.
    if (const auto* test = llvm::dyn_cast<clang::IfStmt>(stmt); test && leaves(test->getThen()) && !test->getElse())
      around_.conditions.push_back(test->getCond());
  }
  around_.conditions.resize(before);
}

void Walker::loop(const clang::Stmt& loop, const clang::Stmt* first, const clang::Expr* condition,
                  const clang::Stmt* step, const clang::Stmt* body) {
  if (first)
    visit(first);
  around_.loops.push_back(&loop);
  if (condition)
    visit(condition);
  under(condition, body);
  under(condition, step);
  around_.loops.pop_back();
}

void Walker::branch(const clang::Stmt& stmt) {
  if (const auto* test = llvm::dyn_cast<clang::IfStmt>(&stmt)) {
    if (test->getInit())
      visit(test->getInit());
    if (test->getConditionVariableDeclStmt())
      visit(test->getConditionVariableDeclStmt());
    visit(test->getCond());
    under(test->getCond(), test->getThen());
    under(test->getCond(), test->getElse());
  } else if (const auto* choice = llvm::dyn_cast<clang::SwitchStmt>(&stmt)) {
    visit(choice->getCond());
    under(choice->getCond(), choice->getBody());
  } else if (const auto* question = llvm::dyn_cast<clang::ConditionalOperator>(&stmt)) {
    visit(question->getCond());
    under(question->getCond(), question->getTrueExpr());
    under(question->getCond(), question->getFalseExpr());
  } else if (const auto* logical = llvm::dyn_cast<clang::BinaryOperator>(&stmt)) {
    visit(logical->getLHS());
    under(logical->getLHS(), logical->getRHS());
  }
}

void Walker::declare(const clang::DeclStmt& group) {
  for (const clang::Decl* decl : group.decls()) {
    const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl);
    if (!variable || !variable->getInit())
      continue;
    facts_.writes.push_back({variable, nullptr, variable->getInit(), &group, true, false, false, false, around_});
    visit(variable->getInit());
  }
}

void Walker::assign(const clang::Expr* target, const clang::Expr* value, const clang::Stmt* site, bool compound,
                    bool adds) {
  Write write{rootOf(target), target, value, site, false, false, compound, adds, around_};
  write.of_element = !isPlainVariable(target) || write.to != variableOf(target);
  if (!compound && write.to && value && mentions(value, write.to)) {
    write.accumulates = true;
    write.adds = isTermOf(write.to, value, target);
  }
  facts_.writes.push_back(std::move(write));
}

void Walker::assembly(const clang::GCCAsmStmt& stmt) {
  facts_.assembly.push_back({&stmt, stmt.getAsmString()->getString().str(), around_});
  for (unsigned i = 0; i < stmt.getNumOutputs(); ++i) {
    if (stmt.getNumInputs() == 0)
      assign(stmt.getOutputExpr(i), nullptr, &stmt, stmt.isOutputPlusConstraint(i), false);
    for (unsigned j = 0; j < stmt.getNumInputs(); ++j)
      assign(stmt.getOutputExpr(i), stmt.getInputExpr(j), &stmt, stmt.isOutputPlusConstraint(i), false);
  }
}

/// operator= and friends of the half types. True when it was one.
bool Walker::overloaded(const clang::CXXOperatorCallExpr& call) {
  clang::OverloadedOperatorKind kind = call.getOperator();
  if (call.isAssignmentOp() && call.getNumArgs() == 2) {
    bool compound = kind != clang::OO_Equal;
    assign(call.getArg(0), call.getArg(1), &call, compound, kind == clang::OO_PlusEqual || kind == clang::OO_MinusEqual);
    return true;
  }
  return false;
}

void Walker::expression(const clang::Expr& expr) {
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&expr)) {
    if (binary->isAssignmentOp()) {
      clang::BinaryOperatorKind kind = binary->getOpcode();
      assign(binary->getLHS(), binary->getRHS(), binary, binary->isCompoundAssignmentOp(),
             kind == clang::BO_AddAssign || kind == clang::BO_SubAssign);
    }
    bool divides = binary->getOpcode() == clang::BO_Div || binary->getOpcode() == clang::BO_DivAssign;
    if (divides && (binary->getType()->isDependentType() || binary->getType()->isRealFloatingType()))
      facts_.divisions.emplace_back(&expr, around_);
  } else if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&expr)) {
    if (unary->isIncrementDecrementOp())
      assign(unary->getSubExpr(), nullptr, unary, true, true);
  } else if (const auto* operation = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&expr)) {
    overloaded(*operation);
    facts_.calls.push_back({operation, calleeName(*operation), around_});
  } else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&expr)) {
    facts_.calls.push_back({call, calleeName(*call), around_});
  }
}

void Walker::visit(const clang::Stmt* stmt) {
  if (!stmt)
    return;
  if (const auto* body = llvm::dyn_cast<clang::CompoundStmt>(stmt))
    return block(*body);
  if (const auto* group = llvm::dyn_cast<clang::DeclStmt>(stmt))
    return declare(*group);
  if (const auto* counted = llvm::dyn_cast<clang::ForStmt>(stmt))
    return loop(*counted, counted->getInit(), counted->getCond(), counted->getInc(), counted->getBody());
  if (const auto* ranged = llvm::dyn_cast<clang::CXXForRangeStmt>(stmt))
    return loop(*ranged, nullptr, nullptr, nullptr, ranged->getBody());
  if (const auto* waiting = llvm::dyn_cast<clang::WhileStmt>(stmt))
    return loop(*waiting, nullptr, waiting->getCond(), nullptr, waiting->getBody());
  if (const auto* repeated = llvm::dyn_cast<clang::DoStmt>(stmt))
    return loop(*repeated, nullptr, nullptr, repeated->getCond(), repeated->getBody());
  const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(stmt);
  if (llvm::isa<clang::IfStmt>(stmt) || llvm::isa<clang::SwitchStmt>(stmt) ||
      llvm::isa<clang::ConditionalOperator>(stmt) || (binary && binary->isLogicalOp()))
    return branch(*stmt);
  if (const auto* assembly_stmt = llvm::dyn_cast<clang::GCCAsmStmt>(stmt))
    assembly(*assembly_stmt);
  if (const auto* property = llvm::dyn_cast<clang::PseudoObjectExpr>(stmt))
    return visit(property->getSyntacticForm());
  if (const auto* lambda = llvm::dyn_cast<clang::LambdaExpr>(stmt))
    return visit(lambda->getBody());
  if (const auto* expr = llvm::dyn_cast<clang::Expr>(stmt))
    expression(*expr);
  children(stmt);
}

} // namespace

std::vector<const Write*> Facts::writesTo(const clang::ValueDecl* variable) const {
  std::vector<const Write*> found;
  for (const Write& write : writes)
    if (write.to == variable)
      found.push_back(&write);
  return found;
}

const Write* Facts::accumulation(const clang::ValueDecl* variable) const {
  for (const Write& write : writes)
    if (write.to == variable && write.accumulates && write.adds && !write.around.loops.empty())
      return &write;
  return nullptr;
}

Facts factsOf(const clang::FunctionDecl& function) {
  Facts facts;
  facts.function = &function;
  Walker(facts).visit(function.getBody());
  return facts;
}

bool isShortLoop(const clang::Stmt& loop, const clang::ASTContext& context, unsigned most) {
  const auto* counted = llvm::dyn_cast<clang::ForStmt>(&loop);
  if (!counted || !counted->getCond())
    return false;
  const auto* test = llvm::dyn_cast<clang::BinaryOperator>(counted->getCond()->IgnoreParenImpCasts());
  const auto* group = llvm::dyn_cast_or_null<clang::DeclStmt>(counted->getInit());
  const auto* counter = group && group->isSingleDecl() ? llvm::dyn_cast<clang::VarDecl>(group->getSingleDecl()) : nullptr;
  auto known = [&](const clang::Expr* expr, std::int64_t& value) {
    clang::Expr::EvalResult result;
    if (!expr || expr->isValueDependent() || !expr->EvaluateAsInt(result, context))
      return false;
    value = result.Val.getInt().getExtValue();
    return true;
  };
  std::int64_t begin = 0, end = 0, step = 1;
  if (const auto* advance = llvm::dyn_cast_or_null<clang::BinaryOperator>(counted->getInc())) {
    clang::BinaryOperatorKind kind = advance->getOpcode();
    // Halving: at most 32 rounds whatever the start.
    if (kind == clang::BO_ShrAssign || kind == clang::BO_ShlAssign || kind == clang::BO_DivAssign ||
        kind == clang::BO_MulAssign)
      return true;
    if (!known(advance->getRHS(), step))
      return false;
  }
  if (!test || !counter || !known(counter->getInit(), begin) || !known(test->getRHS(), end))
    return false;
  std::int64_t distance = end > begin ? end - begin : begin - end;
  return distance / std::max<std::int64_t>(1, step < 0 ? -step : step) <= static_cast<std::int64_t>(most);
}

} // namespace kverify::verifier::lint
