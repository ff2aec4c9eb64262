// `-INFINITY - -INFINITY` in an online softmax: NaN for a row or a lane that has seen no key yet.
// A small abstract interpreter over the syntax tree. Each floating variable has one of four levels: how certain it is that
// the value is finite. Loops are gone through twice; a loop that starts at a thread's number may have no turn at all.
// Parameters of the first function count as finite; a function of the file is gone through with what it is given.
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>
#include <clang/AST/StmtCXX.h>
#include <fmt/format.h>

#include "verifier/lint/code.h"
#include "verifier/lint/families.h"
#include "verifier/lint/walk.h"

namespace kverify::verifier::lint {

namespace {

/// Finite. Some: single scores may be masked, but not all that a maximum is taken of (j < n, j <= i: key 0 is there).
/// Lane: minus infinity where this thread had no element. All: a mask may take every key of a row.
enum Level { kFinite, kSome, kLane, kAll };

using Variable = std::pair<const clang::ValueDecl*, const clang::ValueDecl*>; ///< and its field, or null

struct State {
  std::map<Variable, Level> level;
  bool reached = true;

  Level at(const Variable& variable) const {
    auto known = level.find(variable);
    return known == level.end() ? kFinite : known->second;
  }
  void join(const State& other) {
    if (!other.reached)
      return;
    if (!reached) {
      *this = other;
      return;
    }
    for (const auto& [variable, theirs] : other.level)
      level[variable] = std::max(at(variable), theirs);
  }
};

bool isShuffle(llvm::StringRef name) {
  return name.starts_with("__shfl");
}

/// The condition, and what the bool variables that it names are set to.
void forEachCondition(const clang::Expr* condition, const std::function<void(const clang::Stmt&)>& visit, int depth = 0) {
  forEach(condition, [&](const clang::Stmt& stmt) {
    visit(stmt);
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
    const auto* flag = reference ? llvm::dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
    if (flag && flag->getType()->isBooleanType() && flag->getInit() && depth < 3)
      forEachCondition(flag->getInit(), visit, depth + 1);
    return true;
  });
}

/// May the condition of `c ? score : -INFINITY` leave no key at all? Not where it only cuts off an end.
bool mayMaskAll(const clang::Expr* condition) {
  bool loads = false, both = false;
  std::set<const clang::ValueDecl*> less, more;
  auto names = [](const clang::Expr* side, std::set<const clang::ValueDecl*>& into) {
    forEach(side, [&](const clang::Stmt& stmt) {
      if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt))
        into.insert(reference->getDecl());
      return true;
    });
  };
  forEachCondition(condition, [&](const clang::Stmt& stmt) {
    loads = loads || llvm::isa<clang::ArraySubscriptExpr>(&stmt);
    const auto* compare = llvm::dyn_cast<clang::BinaryOperator>(&stmt);
    if (!compare || !compare->isComparisonOp())
      return;
    bool greater = compare->getOpcode() == clang::BO_GT || compare->getOpcode() == clang::BO_GE;
    names(greater ? compare->getRHS() : compare->getLHS(), less);
    names(greater ? compare->getLHS() : compare->getRHS(), more);
  });
  for (const clang::ValueDecl* variable : less)
    both = both || more.count(variable);
  return loads || both;
}

/// `a > b ? a : b`: one of the two that are compared.
bool isChoiceOf(const clang::ConditionalOperator& either, const clang::BinaryOperator& compare) {
  std::set<const clang::ValueDecl*> compared{rootOf(compare.getLHS()), rootOf(compare.getRHS())};
  std::set<const clang::ValueDecl*> chosen{rootOf(either.getTrueExpr()), rootOf(either.getFalseExpr())};
  return compare.getLHS()->getType()->isRealFloatingType() && !compared.count(nullptr) && compared == chosen;
}

class Interpreter {
public:
  Interpreter(const LintContext& context, const UserFunction& function, Reporter& reporter)
      : context_(context), function_(&function), reporter_(reporter) {}

  void run() { execute(function_->decl->getBody()); }

private:
  void execute(const clang::Stmt* stmt);
  void declare(const clang::DeclStmt& group);
  void give(const clang::ValueDecl& to, const clang::Expr* value);
  void enter(const clang::CallExpr& call);
  void leave(const clang::Expr* result);
  void loop(const clang::Stmt* first, const clang::Expr* condition, const clang::Stmt* step, const clang::Stmt* body,
            bool surely);
  void branch(const clang::IfStmt& test);
  void effects(const clang::Expr* expr);
  void assign(const clang::Expr* target, Level level);
  void look(const clang::CallExpr& exponential);
  void differences(const clang::Expr* argument, const clang::CallExpr& exponential);
  void refine(const clang::Expr* condition);
  bool dependsOnThread(const clang::Stmt* expr, int depth = 0) const;
  bool reducesLanes(const clang::Stmt* body) const;

  Level levelOf(const clang::Expr* expr);
  Level ofCall(const clang::CallExpr& call);
  std::optional<Variable> keyOf(const clang::Expr* expr) const;
  bool isShared(const clang::Expr* expr) const {
    const clang::ValueDecl* root = rootOf(expr);
    return root && root->hasAttr<clang::CUDASharedAttr>();
  }

  /// What a function of the file gave back: a level, or one a field.
  using Result = std::map<const clang::ValueDecl*, Level>; ///< null: the value itself

  const LintContext& context_;
  const UserFunction* function_;
  Reporter& reporter_;
  State state_;
  std::map<const clang::CallExpr*, Result> results_;
  std::vector<const clang::FunctionDecl*> entered_;
  Result* giving_ = nullptr; ///< of the function that is being gone through
};

constexpr std::size_t kMostCalls = 3; ///< inside each other

/// Levels of what a function is given, field by field of a struct.
void Interpreter::give(const clang::ValueDecl& to, const clang::Expr* value) {
  const auto* record = to.getType().getNonReferenceType()->getAsRecordDecl();
  const clang::Expr* plain = strip(value);
  const auto* list = llvm::dyn_cast_or_null<clang::InitListExpr>(plain);
  const auto* call = llvm::dyn_cast_or_null<clang::CallExpr>(plain);
  auto known = call ? results_.find(call) : results_.end();
  if (!record || (!list && known == results_.end() && !rootOf(plain))) {
    state_.level[{&to, nullptr}] = levelOf(value);
    return;
  }
  unsigned number = 0;
  for (const clang::FieldDecl* field : record->fields()) {
    if (list)
      state_.level[{&to, field}] = number < list->getNumInits() ? levelOf(list->getInit(number)) : kFinite;
    else if (known != results_.end())
      state_.level[{&to, field}] = known->second.count(field) ? known->second.at(field) : kFinite;
    else
      state_.level[{&to, field}] = state_.at({rootOf(plain), field});
    ++number;
  }
}

/// A function of the file with an exponential or a maximum in it is gone through with what it is given.
void Interpreter::enter(const clang::CallExpr& call) {
  const clang::FunctionDecl* callee = call.getDirectCallee();
  const clang::FunctionDecl* body = callee ? callee->getDefinition() : nullptr;
  if (!body || entered_.size() >= kMostCalls || std::find(entered_.begin(), entered_.end(), body) != entered_.end() ||
      llvm::isa<clang::CXXMethodDecl>(body) || !callsAny(body->getBody(), isExpName))
    return;
  const UserFunction* user = nullptr;
  for (const UserFunction& one : context_.functions)
    user = one.decl->getCanonicalDecl() == body->getCanonicalDecl() ? &one : user;
  if (!user)
    return;
  for (unsigned i = 0; i < call.getNumArgs() && i < body->getNumParams(); ++i)
    give(*body->getParamDecl(i), call.getArg(i));
  Result result;
  Result* outer = std::exchange(giving_, &result);
  const UserFunction* caller = std::exchange(function_, user);
  entered_.push_back(body);
  execute(body->getBody());
  entered_.pop_back();
  function_ = caller;
  giving_ = outer;
  state_.reached = true;
  results_[&call] = std::move(result);
  for (unsigned i = 0; i < call.getNumArgs() && i < body->getNumParams(); ++i)
    if (const clang::ParmVarDecl* parameter = body->getParamDecl(i);
        parameter->getType()->isReferenceType() && !parameter->getType()->getPointeeType().isConstQualified())
      assign(call.getArg(i), state_.at({parameter, nullptr}));
}

void Interpreter::leave(const clang::Expr* result) {
  if (!giving_ || !result)
    return;
  auto most = [&](const clang::ValueDecl* field, Level level) {
    Level& known = giving_->try_emplace(field, kFinite).first->second;
    known = std::max(known, level);
  };
  const auto* record = result->getType()->getAsRecordDecl();
  const clang::ValueDecl* root = rootOf(result);
  if (record && root) {
    for (const clang::FieldDecl* field : record->fields())
      most(field, state_.at({root, field}));
  } else if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(strip(result)); record && list) {
    unsigned number = 0;
    for (const clang::FieldDecl* field : record->fields())
      if (number < list->getNumInits())
        most(field, levelOf(list->getInit(number++)));
  } else {
    most(nullptr, levelOf(result));
  }
}

std::optional<Variable> Interpreter::keyOf(const clang::Expr* expr) const {
  expr = strip(expr);
  if (const auto* member = llvm::dyn_cast_or_null<clang::MemberExpr>(expr))
    if (const clang::ValueDecl* root = rootOf(member->getBase()))
      return Variable{root, member->getMemberDecl()};
  if (const clang::ValueDecl* root = expr ? rootOf(expr) : nullptr; root && !llvm::isa<clang::FunctionDecl>(root))
    return Variable{root, nullptr};
  return std::nullopt;
}

Level Interpreter::ofCall(const clang::CallExpr& call) {
  if (auto known = results_.find(&call); known != results_.end())
    return known->second.count(nullptr) ? known->second.at(nullptr) : kFinite;
  std::string name = calleeName(call);
  llvm::StringRef plain(name);
  std::vector<Level> levels;
  for (const clang::Expr* argument : call.arguments())
    levels.push_back(levelOf(argument));
  if (levels.empty())
    return kFinite;
  if (isMaxName(plain) && levels.size() == 2 && !plain.starts_with("atomic"))
    return std::min(levels[0], levels[1]);
  Level most = *std::max_element(levels.begin(), levels.end());
  // Over the lanes of a warp or the threads of a block: one of them had an element.
  if (plain.contains_insensitive("max") && most == kLane)
    return kSome;
  bool passes = isShuffle(plain) || plain.contains("2float") || plain.contains("float2") || plain.contains("fma") ||
                plain.contains("mul") || plain.contains("add") || plain.contains_insensitive("max") ||
                plain.contains("min") || plain.contains("ldg");
  return passes ? most : kFinite;
}

Level Interpreter::levelOf(const clang::Expr* expr) {
  expr = strip(expr);
  if (!expr)
    return kFinite;
  if (isInfinity(expr, context_.ast()))
    return kLane;
  if (const auto* either = llvm::dyn_cast<clang::ConditionalOperator>(expr)) {
    Level a = levelOf(either->getTrueExpr()), b = levelOf(either->getFalseExpr());
    if (const auto* compare = llvm::dyn_cast<clang::BinaryOperator>(strip(either->getCond()));
        compare && compare->isRelationalOp() && isChoiceOf(*either, *compare))
      return std::min(a, b); // a > b ? a : b
    bool masks = isInfinity(either->getTrueExpr(), context_.ast()) || isInfinity(either->getFalseExpr(), context_.ast());
    if (masks)
      return mayMaskAll(either->getCond()) ? kAll : kSome;
    return mentionsInfinity(either->getCond(), context_.ast()) ? kFinite : std::max(a, b);
  }
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(expr)) {
    if (binary->isAssignmentOp())
      return levelOf(binary->getRHS());
    if (binary->getOpcode() == clang::BO_Sub || binary->getOpcode() == clang::BO_Div)
      return levelOf(binary->getLHS());
    return binary->isComparisonOp() ? kFinite : std::max(levelOf(binary->getLHS()), levelOf(binary->getRHS()));
  }
  if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(expr);
      unary && unary->getOpcode() != clang::UO_Deref && unary->getOpcode() != clang::UO_AddrOf)
    return kFinite;
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(expr); call && !llvm::isa<clang::CXXOperatorCallExpr>(call))
    return ofCall(*call);
  std::optional<Variable> key = keyOf(expr);
  Level level = key ? state_.at(*key) : kFinite;
  // What other threads put there: of some of them at least there is an element.
  return isShared(expr) && level == kLane ? kSome : level;
}

/// A comparison with an infinity, or a very low bound, shows that the writer thought of it.
void Interpreter::refine(const clang::Expr* condition) {
  bool guards = mentionsInfinity(condition, context_.ast()) ||
                callsAny(condition, [](llvm::StringRef name) { return name.contains("isinf") || name.contains("isfinite"); });
  forEach(condition, [&](const clang::Stmt& stmt) {
    if (const auto* literal = llvm::dyn_cast<clang::FloatingLiteral>(&stmt))
      guards = guards || literal->getValue().convertToDouble() >= 1e4;
    return true;
  });
  forEach(condition, [&](const clang::Stmt& stmt) {
    const auto* expr = llvm::dyn_cast<clang::Expr>(&stmt);
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
    const auto* flag = reference ? llvm::dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
    if (flag && flag->getType()->isBooleanType() && flag->hasInit() && flag->getInit() != condition)
      refine(flag->getInit());
    if (guards && expr && (reference || llvm::isa<clang::MemberExpr>(expr) || llvm::isa<clang::ArraySubscriptExpr>(expr)))
      if (auto key = keyOf(expr))
        state_.level[*key] = kFinite;
    return true;
  });
}

/// exp(a - b), exp2(a * c - b * c), fma(a, c, -b): NaN where both may be minus infinity at once.
void Interpreter::differences(const clang::Expr* argument, const clang::CallExpr& exponential) {
  const clang::Expr* expr = strip(argument);
  const clang::Expr *a = nullptr, *b = nullptr;
  if (const auto* binary = llvm::dyn_cast_or_null<clang::BinaryOperator>(expr)) {
    if (binary->getOpcode() == clang::BO_Sub) {
      a = binary->getLHS();
      b = binary->getRHS();
    } else if (binary->getOpcode() == clang::BO_Mul) {
      differences(binary->getLHS(), exponential);
      differences(binary->getRHS(), exponential);
      return;
    }
  } else if (const auto* call = llvm::dyn_cast_or_null<clang::CallExpr>(expr);
             call && llvm::StringRef(calleeName(*call)).contains("fma") && call->getNumArgs() == 3) {
    const auto* minus = llvm::dyn_cast<clang::UnaryOperator>(strip(call->getArg(2)));
    a = call->getArg(0);
    b = minus && minus->getOpcode() == clang::UO_Minus ? minus->getSubExpr() : nullptr;
  }
  if (!a || !b || levelOf(b) < kLane || levelOf(a) == kFinite)
    return;
  bool lane = levelOf(b) == kLane;
  reporter_.report(context_.placeOf(exponential, *function_),
                   fmt::format("{} may be -inf - -inf, which is NaN: {}", context_.textOf(*expr),
                               lane ? "nothing may have been seen yet" : "a mask may leave no key"));
}

void Interpreter::look(const clang::CallExpr& exponential) {
  if (isExpName(calleeName(exponential)) && exponential.getNumArgs() == 1)
    differences(exponential.getArg(0), exponential);
}

void Interpreter::assign(const clang::Expr* target, Level level) {
  std::optional<Variable> key = keyOf(target);
  if (!key)
    return;
  bool whole = variableOf(target) || llvm::isa<clang::MemberExpr>(strip(target));
  state_.level[*key] = whole ? level : std::max(state_.at(*key), level);
}

/// Calls and assignments inside an expression, operands first.
void Interpreter::effects(const clang::Expr* expr) {
  if (!expr)
    return;
  if (const auto* property = llvm::dyn_cast<clang::PseudoObjectExpr>(expr))
    return effects(property->getSyntacticForm());
  if (llvm::isa<clang::LambdaExpr>(expr))
    return;
  const auto* either = llvm::dyn_cast<clang::ConditionalOperator>(expr);
  if (either) {
    effects(either->getCond());
    State before = state_;
    refine(either->getCond());
    effects(either->getTrueExpr());
    effects(either->getFalseExpr());
    state_ = before;
    return;
  }
  for (const clang::Stmt* child : expr->children())
    effects(llvm::dyn_cast_or_null<clang::Expr>(child));
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(expr)) {
    look(*call);
    enter(*call);
  }
  const auto* operation = llvm::dyn_cast<clang::CXXOperatorCallExpr>(expr);
  if (operation && operation->isAssignmentOp()) {
    const clang::ValueDecl* whole = variableOf(operation->getArg(0));
    if (whole && operation->getOperator() == clang::OO_Equal)
      give(*whole, operation->getArg(1));
    else
      assign(operation->getArg(0), levelOf(operation->getArg(1)));
  }
  const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(expr);
  if (binary && binary->getOpcode() == clang::BO_Assign)
    assign(binary->getLHS(), levelOf(binary->getRHS()));
}

void Interpreter::declare(const clang::DeclStmt& group) {
  for (const clang::Decl* decl : group.decls()) {
    const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl);
    if (!variable || !variable->getInit())
      continue;
    effects(variable->getInit());
    give(*variable, variable->getInit());
  }
}

bool Interpreter::dependsOnThread(const clang::Stmt* expr, int depth) const {
  bool found = false;
  walk(expr, [&](const clang::Stmt& stmt, Ancestors) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
    const auto* variable = reference ? llvm::dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
    found = found || (variable && variable->getName() == "threadIdx");
    if (variable && variable->getInit() && variable->getType()->isIntegerType() && depth < 4)
      found = found || dependsOnThread(variable->getInit(), depth + 1);
  });
  return found;
}

bool Interpreter::reducesLanes(const clang::Stmt* body) const {
  return callsAny(body, isShuffle);
}

void Interpreter::loop(const clang::Stmt* first, const clang::Expr* condition, const clang::Stmt* step,
                       const clang::Stmt* body, bool surely) {
  if (first)
    execute(first);
  bool may_skip = !surely && first && dependsOnThread(first);
  State before = state_;
  for (int turn = 0; turn < 2; ++turn) {
    effects(condition);
    execute(body);
    if (step)
      execute(step);
    if (!state_.reached)
      state_ = before;
    if (turn == 0)
      state_.join(before);
  }
  // The state after the last turn, or, of a loop that may have none, that before it.
  State after = before;
  state_ = before;
  execute(body);
  after = state_.reached ? state_ : before;
  if (may_skip)
    after.join(before);
  if (reducesLanes(body))
    for (auto& [variable, level] : after.level)
      if (level == kLane)
        level = kSome;
  state_ = after;
}

void Interpreter::branch(const clang::IfStmt& test) {
  effects(test.getCond());
  State before = state_;
  refine(test.getCond());
  State refined = state_;
  if (const auto* compare = llvm::dyn_cast<clang::BinaryOperator>(strip(test.getCond()));
      compare && (compare->getOpcode() == clang::BO_GT || compare->getOpcode() == clang::BO_LT)) {
    // What is more than something is no minus infinity.
    const clang::Expr* more = compare->getOpcode() == clang::BO_GT ? compare->getLHS() : compare->getRHS();
    if (auto key = more->getType()->isRealFloatingType() ? keyOf(more) : std::nullopt)
      state_.level[*key] = kFinite;
  }
  execute(test.getThen());
  State then = state_;
  // `if (masked) score = -INFINITY;` is a mask, as `masked ? -INFINITY : score` is.
  for (auto& [variable, level] : then.level)
    if (level == kLane && refined.at(variable) < kLane)
      level = mayMaskAll(test.getCond()) ? kAll : kSome;
  state_ = test.getElse() || !then.reached ? refined : before;
  if (test.getElse())
    execute(test.getElse());
  // `if (x > m) m = x;`: after it, m is no less than x.
  if (const auto* compare = llvm::dyn_cast<clang::BinaryOperator>(strip(test.getCond()));
      compare && compare->isRelationalOp() && !test.getElse() && then.reached && state_.reached)
    for (auto& [variable, level] : state_.level)
      if (then.at(variable) < level && mentions(test.getCond(), variable.first))
        level = then.at(variable);
  state_.join(then);
}

void Interpreter::execute(const clang::Stmt* stmt) {
  if (!stmt || !state_.reached)
    return;
  if (const auto* block = llvm::dyn_cast<clang::CompoundStmt>(stmt)) {
    for (const clang::Stmt* one : block->body())
      execute(one);
  } else if (const auto* group = llvm::dyn_cast<clang::DeclStmt>(stmt)) {
    declare(*group);
  } else if (const auto* test = llvm::dyn_cast<clang::IfStmt>(stmt)) {
    branch(*test);
  } else if (const auto* counted = llvm::dyn_cast<clang::ForStmt>(stmt)) {
    loop(counted->getInit(), counted->getCond(), counted->getInc(), counted->getBody(), false);
  } else if (const auto* waiting = llvm::dyn_cast<clang::WhileStmt>(stmt)) {
    loop(nullptr, waiting->getCond(), nullptr, waiting->getBody(), false);
  } else if (const auto* repeated = llvm::dyn_cast<clang::DoStmt>(stmt)) {
    loop(nullptr, repeated->getCond(), nullptr, repeated->getBody(), true);
  } else if (llvm::isa<clang::ReturnStmt>(stmt) || llvm::isa<clang::ContinueStmt>(stmt) ||
             llvm::isa<clang::BreakStmt>(stmt)) {
    if (const auto* result = llvm::dyn_cast<clang::ReturnStmt>(stmt)) {
      effects(result->getRetValue());
      leave(result->getRetValue());
    }
    state_.reached = false;
  } else if (const auto* expr = llvm::dyn_cast<clang::Expr>(stmt)) {
    effects(expr);
  } else {
    for (const clang::Stmt* child : stmt->children())
      execute(child);
  }
}

/// Itself, or in a function that it calls.
bool takesExponential(const clang::Stmt* body) {
  bool found = callsAny(body, isExpName);
  forEach(body, [&](const clang::Stmt& stmt) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt);
    const clang::FunctionDecl* callee = call && call->getDirectCallee() ? call->getDirectCallee()->getDefinition() : nullptr;
    found = found || (callee && callsAny(callee->getBody(), isExpName));
    return !found;
  });
  return found;
}

void findDifferences(const LintContext& context, Reporter& reporter) {
  for (const UserFunction& function : context.functions) {
    if (!function.on_device || !mentionsInfinity(function.decl->getBody(), context.ast()) ||
        !takesExponential(function.decl->getBody()))
      continue;
    if (function.is_dependent)
      reporter.unknown(context.placeOf(*function.decl), "a template that nobody instantiates: its types are open");
    Interpreter(context, function, reporter).run();
  }
}

} // namespace

std::vector<LintCheck> infinityChecks() {
  return {
      {.info = {"numerics.inf-minus-inf", "KV3204", "static", "-INFINITY - -INFINITY is reachable in an exponential",
                "a running maximum starts at -INFINITY; where a lane has no element yet, or a mask takes every key of a "
                "tile, the new maximum is -INFINITY as well and exp(old - new) is NaN, which spreads through the row",
                "test for it (m_new == -INFINITY ? 0 : expf(m_old - m_new)), or start at a large finite number such as "
                "-1e30f, whose differences are 0",
                "heuristic: levels of finiteness over the syntax tree of a function and those it calls; masks that cut off the end of the "
                "keys (j < n, j <= i) count as leaving one, masks that are loaded or have two ends do not",
                Severity::Note, // of two on code by others neither was one: a note until that is better
                "l = l * expf(m - m_new);                                   // NaN while both are -INFINITY\n"
                "l = m_new == -INFINITY ? 0.0f : l * expf(m - m_new);       // right"},
       .run = findDifferences,
       .decided_by = {"numerics.nonfinite"}},
  };
}

} // namespace kverify::verifier::lint
