// Statements: which way is taken, and what follows about the sizes.
#include <clang/AST/StmtCXX.h>
#include <fmt/format.h>

#include "frontend/host/interpreter.h"

namespace kverify::frontend::host {
namespace {

constexpr unsigned kMostSteps = 20000;
constexpr unsigned kMostRounds = 64;

std::vector<std::string> special(const Term& term) {
  return term && term->op == ExprOp::Name ? factParts(term->name) : std::vector<std::string>();
}

bool hasSpecial(const Term& term) {
  if (!special(term).empty())
    return true;
  for (const Term& arg : term->args)
    if (hasSpecial(arg))
      return true;
  return false;
}

bool isFalse(const clang::Expr* expression) {
  const auto* literal = llvm::dyn_cast<clang::CXXBoolLiteralExpr>(expression->IgnoreParenImpCasts());
  return literal && !literal->getValue();
}

/// Does control always leave the function here, or go nowhere?
bool ends(const clang::Stmt* statement) {
  if (!statement)
    return false;
  if (llvm::isa<clang::ReturnStmt>(statement))
    return true;
  const clang::Stmt* inner = statement;
  if (const auto* whole = llvm::dyn_cast<clang::ExprWithCleanups>(inner))
    inner = whole->getSubExpr();
  if (llvm::isa<clang::CXXThrowExpr>(inner))
    return true;
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(inner))
    if (const clang::FunctionDecl* callee = call->getDirectCallee()) {
      std::string name = callee->getNameAsString();
      return callee->isNoReturn() || name == "exit" || name == "abort" || name == "__assert_fail" || name == "kverify_host_refused" ||
             (callee->getQualifiedNameAsString() == "kverify_torch::check" && isFalse(call->getArg(0)));
    }
  if (const auto* block = llvm::dyn_cast<clang::CompoundStmt>(statement))
    for (const clang::Stmt* one : block->body())
      if (ends(one))
        return true;
  return false;
}

/// Every mention of the variable reads it or is the left side of '=': nobody else can give it a value.
bool onlyAssigned(const clang::Stmt* statement, const clang::VarDecl& variable) {
  if (!statement)
    return true;
  auto is_it = [&](const clang::Expr* expression) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(expression->IgnoreParens());
    return reference && reference->getDecl() == &variable;
  };
  if (const auto* cast = llvm::dyn_cast<clang::ImplicitCastExpr>(statement))
    if (cast->getCastKind() == clang::CK_LValueToRValue && is_it(cast->getSubExpr()))
      return true;
  if (const auto* assignment = llvm::dyn_cast<clang::BinaryOperator>(statement))
    if (assignment->getOpcode() == clang::BO_Assign && is_it(assignment->getLHS()))
      return onlyAssigned(assignment->getRHS(), variable);
  if (const auto* expression = llvm::dyn_cast<clang::Expr>(statement); expression && is_it(expression))
    return false;
  if (llvm::isa<clang::LambdaExpr>(statement))
    return false; // it may be captured
  for (const clang::Stmt* child : statement->children())
    if (!onlyAssigned(child, variable))
      return false;
  return true;
}

bool onlyAssigned(const clang::VarDecl& variable) {
  const auto* function = llvm::dyn_cast_or_null<clang::FunctionDecl>(variable.getParentFunctionOrMethod());
  return function && function->getBody() && onlyAssigned(function->getBody(), variable);
}

std::string elementOfCase(const clang::CaseStmt& one, clang::ASTContext& context) {
  clang::Expr::EvalResult result;
  const clang::Expr* label = one.getLHS();
  if (!label->EvaluateAsInt(result, context))
    return {};
  const clang::Expr* plain = label;
  if (const auto* constant = llvm::dyn_cast<clang::ConstantExpr>(plain))
    plain = constant->getSubExpr();
  const auto* type = plain->IgnoreParenImpCasts()->getType()->getAs<clang::EnumType>();
  if (!type)
    return {};
  for (const clang::EnumConstantDecl* name : type->getDecl()->enumerators())
    if (llvm::APSInt::isSameValue(name->getInitVal(), result.Val.getInt()))
      return name->getNameAsString();
  return {};
}

bool isJudged(const std::string& element) {
  static const std::set<std::string> known = {"Float", "Half", "BFloat16", "Int", "Long", "Byte"};
  return known.contains(element);
}

void casesOf(const clang::Stmt* statement, std::vector<const clang::SwitchCase*>& cases) {
  if (const auto* one = llvm::dyn_cast_or_null<clang::SwitchCase>(statement)) {
    cases.push_back(one);
    casesOf(one->getSubStmt(), cases);
  } else if (const auto* block = llvm::dyn_cast_or_null<clang::CompoundStmt>(statement)) {
    for (const clang::Stmt* inner : block->body())
      if (llvm::isa<clang::SwitchCase>(inner))
        casesOf(inner, cases);
  }
}

} // namespace

bool Interpreter::endsHere(const clang::Stmt* statement) {
  return ends(statement) && !launches(statement);
}

Interpreter::Flow Interpreter::require(const Term& condition, const clang::Expr* source, bool holds) {
  Term wanted = holds ? condition : make(ExprOp::Not, condition);
  unsigned line = lineOf(source);
  std::string text = fmt::format("{}{}", holds ? "" : "not: ", textOfSource(source));
  if (!wanted) {
    guess(Guess::About::Values,
          fmt::format("whether '{}' holds (line {}) can't be told from the host code; it is assumed that it does{}",
                      textOfSource(source), line, holds ? "" : " not"));
    return Flow::Next;
  }
  if (auto constant = constantOf(wanted)) {
    trace_.possible &= *constant != 0;
    return *constant ? Flow::Next : Flow::Stop;
  }
  if (wanted->op == ExprOp::And) {
    for (const Term& part : wanted->args)
      if (Flow flow = require(part, source, true); flow != Flow::Next)
        return flow;
    return Flow::Next;
  }
  bool negated = wanted->op == ExprOp::Not;
  std::vector<std::string> about = special(negated ? wanted->args[0] : wanted);
  if (about.size() == 3 && about[0] == "type" && !negated)
    settleElement(std::stoul(about[1]), about[2]);
  if (about.size() == 2 && about[0] == "defined")
    trace_.tensors[std::stoul(about[1])].defined = !negated;
  if (about.size() == 3 && about[0] == "same" && !negated) {
    std::size_t left = shapeOwner(std::stoul(about[1])), right = shapeOwner(std::stoul(about[2]));
    if (left != right)
      trace_.tensors[std::max(left, right)].like = std::min(left, right);
    fact(fmt::format("{} and {} have one shape", trace_.tensors[std::stoul(about[1])].name, trace_.tensors[std::stoul(about[2])].name), line);
  }
  if (!about.empty())
    return Flow::Next;
  if (hasSpecial(wanted)) { // one of several types, say: the first
    if (wanted->op == ExprOp::Or)
      return require(wanted->args[0], source, true);
    if (negated && wanted->args[0]->op == ExprOp::And)
      return require(wanted->args[0]->args[0], source, false);
    return Flow::Next;
  }
  if (wanted->op == ExprOp::Equal)
    for (int side : {0, 1})
      if (auto rank = constantOf(wanted->args[1 - side]); rank && wanted->args[side]->op == ExprOp::Name)
        for (TensorState& tensor : trace_.tensors)
          if (wanted->args[side]->name == tensor.name + "_dim" && tensor.origin != TensorState::Origin::Allocated)
            tensor.rank = *rank;
  trace_.requirements.push_back({wanted, line, text});
  return Flow::Next;
}

/// Whatever `statement` may change is not known any more.
void Interpreter::forget(const clang::Stmt* statement, const std::string& why) {
  if (!statement)
    return;
  auto lose = [&](const clang::Expr* target) {
    if (const auto* element = llvm::dyn_cast<clang::ArraySubscriptExpr>(target->IgnoreParenImpCasts()))
      target = element->getBase();
    else if (const auto* of = llvm::dyn_cast<clang::CXXOperatorCallExpr>(target->IgnoreParenImpCasts()); of && of->getOperator() == clang::OO_Subscript)
      target = of->getArg(0);
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(target->IgnoreParenImpCasts()))
      if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(reference->getDecl()))
        variables_[variable] = Value::unknown(why);
  };
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(statement); binary && binary->isAssignmentOp())
    lose(binary->getLHS());
  if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(statement);
      unary && (unary->isIncrementDecrementOp() || unary->getOpcode() == clang::UO_AddrOf))
    lose(unary->getSubExpr());
  if (const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(statement))
    if (const clang::CXXMethodDecl* method = call->getMethodDecl(); method && !method->isConst() && recordNameOf(call->getObjectType()) == "std::vector")
      lose(call->getImplicitObjectArgument());
  if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(statement); call && call->isAssignmentOp())
    lose(call->getArg(0));
  if (const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(statement))
    if (const clang::CXXMethodDecl* method = call->getMethodDecl(); method && !method->isConst())
      lose(call->getImplicitObjectArgument());
  for (const clang::Stmt* child : statement->children())
    forget(child, why);
}

Interpreter::Flow Interpreter::declare(const clang::VarDecl& variable) {
  hint_ = variable.getNameAsString();
  Value value = variable.hasInit() ? eval(variable.getInit())
                                   : Value::unknown(fmt::format("'{}' without a value (line {})", hint_, lineOf(variable.getLocation())));
  hint_.clear();
  value.unset = !variable.hasInit() && variable.getType()->isScalarType() && onlyAssigned(variable);
  if (variable.getType()->isReferenceType())
    variables_[&variable] = std::move(value);
  else
    variables_[&variable] = converted(std::move(value), variable.getType());
  if (const Value& held = variables_[&variable]; held.kind == Value::Kind::Integer && held.term && held.term->op == ExprOp::Name)
    trace_.called.insert({held.term->name, variable.getNameAsString()});
  return trace_.possible ? Flow::Next : Flow::Stop;
}

Interpreter::Flow Interpreter::execIf(const clang::IfStmt& statement) {
  if (statement.getInit())
    exec(statement.getInit());
  if (statement.getConditionVariable())
    declare(*statement.getConditionVariable());
  const clang::Expr* source = statement.getCond();
  Value value = eval(source);
  Term condition = value.kind == Value::Kind::Integer ? value.term : nullptr;
  const clang::Stmt *yes = statement.getThen(), *no = statement.getElse();
  if (auto constant = constantOf(condition))
    return exec(*constant ? yes : no);
  if (!condition && !launches(yes) && !launches(no) && !endsHere(yes) && !endsHere(no)) {
    std::string why = fmt::format("it depends on '{}' (line {})", textOfSource(source), lineOf(source));
    forget(yes, why);
    forget(no, why);
    return Flow::Next;
  }
  bool take = endsHere(yes) ? false : endsHere(no) ? true : choices_.choose(2) == 0;
  if (!endsHere(yes) && !endsHere(no))
    trace_.way.push_back(fmt::format("{}{} (line {})", take ? "" : "not: ", textOfSource(source), lineOf(source)));
  if (Flow flow = require(condition, source, take); flow != Flow::Next)
    return flow;
  return exec(take ? yes : no);
}

Interpreter::Flow Interpreter::execFrom(const clang::SwitchStmt& statement, const clang::SwitchCase* begin) {
  const auto* block = llvm::dyn_cast<clang::CompoundStmt>(statement.getBody());
  if (!block)
    return Flow::Next;
  bool inside = false;
  for (const clang::Stmt* one : block->body()) {
    std::vector<const clang::SwitchCase*> here;
    casesOf(llvm::isa<clang::SwitchCase>(one) ? one : nullptr, here);
    inside |= std::find(here.begin(), here.end(), begin) != here.end();
    const clang::Stmt* body = one;
    while (const auto* label = llvm::dyn_cast<clang::SwitchCase>(body))
      body = label->getSubStmt();
    if (!inside)
      continue;
    Flow flow = exec(body);
    if (flow == Flow::Break)
      return Flow::Next;
    if (flow != Flow::Next)
      return flow;
  }
  return Flow::Next;
}

Interpreter::Flow Interpreter::execTypeSwitch(const clang::SwitchStmt& statement, const Value& type) {
  std::vector<const clang::SwitchCase*> cases, usable;
  casesOf(statement.getBody(), cases);
  std::vector<std::string> elements, others;
  std::string known = elementOf(type);
  for (const clang::SwitchCase* one : cases)
    if (const auto* label = llvm::dyn_cast<clang::CaseStmt>(one)) {
      std::string element = elementOfCase(*label, context_);
      if (!known.empty() ? element != known : !isJudged(element)) {
        others.push_back(element);
        continue;
      }
      usable.push_back(one);
      elements.push_back(element);
    }
  if (usable.empty()) {
    trace_.possible = false;
    trace_.missing.push_back({"", lineOf(&statement), fmt::format("no case for an element type that kverify can run (line {})", lineOf(&statement))});
    return Flow::Stop;
  }
  std::size_t chosen = choices_.choose(usable.size());
  if (known.empty() && !others.empty())
    fact(fmt::format("elements of {} are not judged", fmt::join(others, ", ")), lineOf(&statement), Certainty::Assumed);
  if (usable.size() > 1)
    trace_.way.push_back(fmt::format("elements are {} (line {})", elements[chosen], lineOf(&statement)));
  if (type.tensor != Value::kNoTensor)
    settleElement(type.tensor, elements[chosen]);
  return execFrom(statement, usable[chosen]);
}

Interpreter::Flow Interpreter::execSwitch(const clang::SwitchStmt& statement) {
  if (statement.getInit())
    exec(statement.getInit());
  Value value = eval(statement.getCond());
  if (value.kind == Value::Kind::Element)
    return execTypeSwitch(statement, value);
  std::vector<const clang::SwitchCase*> cases;
  casesOf(statement.getBody(), cases);
  Term subject = value.kind == Value::Kind::Integer ? value.term : nullptr;
  auto labelOf = [&](const clang::SwitchCase* one) -> Term {
    const auto* label = llvm::dyn_cast<clang::CaseStmt>(one);
    Value constant = label ? eval(label->getLHS()) : Value{};
    return constant.kind == Value::Kind::Integer ? constant.term : nullptr;
  };
  const clang::SwitchCase* fallback = nullptr;
  Term is_fallback = number(1);
  for (const clang::SwitchCase* one : cases) {
    if (llvm::isa<clang::DefaultStmt>(one))
      fallback = one;
    else
      is_fallback = make(ExprOp::And, is_fallback, make(ExprOp::NotEqual, subject, labelOf(one)));
  }
  if (auto known = constantOf(subject)) {
    for (const clang::SwitchCase* one : cases)
      if (constantOf(labelOf(one)) == known)
        return execFrom(statement, one);
    return fallback ? execFrom(statement, fallback) : Flow::Next;
  }
  bool has_fallback = !fallback || !endsHere(fallback->getSubStmt());
  std::size_t labels = cases.size() - (fallback ? 1 : 0);
  std::size_t chosen = choices_.choose(labels + (has_fallback ? 1 : 0));
  std::size_t at = 0;
  for (const clang::SwitchCase* one : cases) {
    if (one == fallback || at++ != chosen)
      continue;
    trace_.way.push_back(fmt::format("{} == {} (line {})", textOfSource(statement.getCond()), textOf(labelOf(one)), lineOf(one)));
    Flow flow = require(make(ExprOp::Equal, subject, labelOf(one)), statement.getCond(), true);
    return flow == Flow::Next ? execFrom(statement, one) : flow;
  }
  trace_.way.push_back(fmt::format("{} is none of the cases (line {})", textOfSource(statement.getCond()), lineOf(&statement)));
  Flow flow = require(is_fallback, statement.getCond(), true);
  return flow == Flow::Next && fallback ? execFrom(statement, fallback) : flow;
}

Interpreter::Flow Interpreter::execLoop(const clang::Stmt& loop, const clang::Expr* condition, const clang::Stmt* body,
                                        const clang::Expr* step, bool test_first) {
  std::string why = fmt::format("it changes in the loop of line {}", lineOf(&loop));
  for (unsigned round = 0;; ++round) {
    Value value = condition && (test_first || round > 0) ? eval(condition) : Value::integer(number(1));
    if (value.kind == Value::Kind::Integer && value.term && !constantOf(value.term))
      value.term = withRanks(value.term);
    auto known = value.kind == Value::Kind::Integer ? constantOf(value.term) : std::nullopt;
    if (known && !*known)
      return Flow::Next;
    if (!known || round == kMostRounds) {
      bool is_first = round == 0 && launches(body);
      if (is_first) { // its first round is a true beginning of what happens; what follows is not known
        Flow flow = require(value.kind == Value::Kind::Integer ? value.term : nullptr, condition, true);
        if (flow == Flow::Next)
          flow = exec(body);
        if (flow == Flow::Stop || flow == Flow::Return)
          return flow;
      }
      if (launches(body))
        guess(Guess::About::Coverage, fmt::format("only the first round{} of the loop of line {} {} followed", is_first ? "" : "s",
                                                  lineOf(&loop), is_first ? "was" : "were"));
      forget(body, why);
      forget(step, why);
      return Flow::Next;
    }
    Flow flow = exec(body);
    if (flow == Flow::Break)
      return Flow::Next;
    if (flow == Flow::Return || flow == Flow::Stop)
      return flow;
    if (step)
      eval(step);
  }
}

Interpreter::Flow Interpreter::exec(const clang::Stmt* statement) {
  if (!statement)
    return Flow::Next;
  if (++steps_ > kMostSteps) {
    trace_.missing.push_back({"", lineOf(statement), "the host code takes too many steps"});
    trace_.possible = false;
    return Flow::Stop;
  }
  if (const auto* block = llvm::dyn_cast<clang::CompoundStmt>(statement)) {
    for (const clang::Stmt* one : block->body())
      if (Flow flow = exec(one); flow != Flow::Next)
        return flow;
    return Flow::Next;
  }
  if (const auto* declaration = llvm::dyn_cast<clang::DeclStmt>(statement)) {
    for (const clang::Decl* one : declaration->decls()) {
      if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(one))
        if (Flow flow = declare(*variable); flow != Flow::Next)
          return flow;
    }
    return Flow::Next;
  }
  if (const auto* one = llvm::dyn_cast<clang::IfStmt>(statement))
    return execIf(*one);
  if (const auto* one = llvm::dyn_cast<clang::SwitchStmt>(statement))
    return execSwitch(*one);
  if (const auto* one = llvm::dyn_cast<clang::ForStmt>(statement)) {
    exec(one->getInit());
    return execLoop(*one, one->getCond(), one->getBody(), one->getInc(), true);
  }
  if (const auto* one = llvm::dyn_cast<clang::WhileStmt>(statement))
    return execLoop(*one, one->getCond(), one->getBody(), nullptr, true);
  if (const auto* one = llvm::dyn_cast<clang::DoStmt>(statement))
    return execLoop(*one, one->getCond(), one->getBody(), nullptr, false);
  if (const auto* one = llvm::dyn_cast<clang::ReturnStmt>(statement)) {
    Value value = one->getRetValue() ? eval(one->getRetValue()) : Value::of(Value::Kind::Opaque);
    if (!returned_.empty())
      returned_.back() = std::move(value);
    return trace_.possible ? Flow::Return : Flow::Stop;
  }
  if (llvm::isa<clang::BreakStmt>(statement))
    return Flow::Break;
  if (llvm::isa<clang::ContinueStmt>(statement))
    return Flow::Continue;
  if (const auto* one = llvm::dyn_cast<clang::CXXTryStmt>(statement))
    return exec(one->getTryBlock());
  if (const auto* one = llvm::dyn_cast<clang::AttributedStmt>(statement))
    return exec(one->getSubStmt());
  if (const auto* one = llvm::dyn_cast<clang::LabelStmt>(statement))
    return exec(one->getSubStmt());
  if (ends(statement)) {
    trace_.possible = false;
    return Flow::Stop;
  }
  if (const auto* expression = llvm::dyn_cast<clang::Expr>(statement)) {
    eval(expression);
    return trace_.possible ? Flow::Next : Flow::Stop;
  }
  // Whatever else there is (range-for, goto, assembly): what it changes is unknown, what it launches is missed.
  forget(statement, fmt::format("it may change at line {}", lineOf(statement)));
  if (launches(statement))
    guess(Guess::About::Coverage, fmt::format("the launches of line {} are in a statement that is not followed", lineOf(statement)));
  return Flow::Next;
}

} // namespace kverify::frontend::host
