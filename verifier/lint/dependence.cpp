#include "verifier/lint/dependence.h"

#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>

#include "verifier/lint/code.h"

namespace kverify::verifier::lint {

namespace {

bool hasPointers(const clang::CXXRecordDecl* record) {
  if (!record || !record->hasDefinition())
    return false;
  for (const clang::FieldDecl* field : record->fields())
    if (field->getType()->isAnyPointerType() || hasPointers(field->getType()->getAsCXXRecordDecl()))
      return true;
  return false;
}

bool isElement(const clang::Expr* value) {
  value = strip(value);
  const auto* unary = llvm::dyn_cast_or_null<clang::UnaryOperator>(value);
  return llvm::isa_and_nonnull<clang::ArraySubscriptExpr>(value) || (unary && unary->getOpcode() == clang::UO_Deref);
}

bool holdsAddress(const clang::ValueDecl& variable, const clang::Expr* value) {
  clang::QualType type = variable.getType();
  if (type->isPointerType() || type->isReferenceType() || hasPointers(type->getAsCXXRecordDecl()))
    return true;
  if (type->isDependentType() || type->isUndeducedType())
    return !isElement(value);
  // An address as an integer, as cp.async and ldmatrix take it.
  const auto* call = llvm::dyn_cast_or_null<clang::CallExpr>(strip(value));
  return call && type->isIntegerType() && call->getNumArgs() == 1 && call->getArg(0)->getType()->isPointerType();
}

/// May the callee write through this argument? Of calls whose body is not seen.
bool mayBeWritten(const clang::Expr& argument, const clang::FunctionDecl* callee, unsigned number) {
  clang::QualType type = callee && number < callee->getNumParams() ? callee->getParamDecl(number)->getType()
                                                                   : argument.getType();
  if (type->isDependentType())
    return true;
  if (type->isPointerType() || type->isReferenceType())
    return !type->getPointeeType().isConstQualified();
  return false;
}

} // namespace

Dependence::Dependence(const std::vector<UserFunction>& functions, const std::vector<Facts>& facts) {
  for (const UserFunction& function : functions)
    bodies_.insert(function.decl->getCanonicalDecl());
  for (const Facts& one : facts)
    take(one);
}

const clang::ValueDecl* Dependence::sameMemory(const clang::ValueDecl* variable) const {
  auto at = parent_.find(variable);
  if (at == parent_.end() || at->second == variable)
    return variable;
  const clang::ValueDecl* top = sameMemory(at->second);
  parent_[variable] = top;
  return top;
}

void Dependence::join(const clang::ValueDecl* a, const clang::ValueDecl* b) {
  a = sameMemory(a);
  b = sameMemory(b);
  if (a == b)
    return;
  parent_[a] = b;
  edges_[b].insert(edges_[a].begin(), edges_[a].end());
  if (written_.count(a))
    written_.insert(b);
}

void Dependence::depend(const clang::ValueDecl* on, const clang::Stmt* expr, const Around* around) {
  std::set<const clang::ValueDecl*>& to = edges_[sameMemory(on)];
  auto names = [&](const clang::Stmt* part) {
    forEach(part, [&](const clang::Stmt& stmt) {
      if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt))
        to.insert(reference->getDecl());
      else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt); call && call->getDirectCallee())
        to.insert(call->getDirectCallee()->getCanonicalDecl());
      return true;
    });
  };
  names(expr);
  if (around)
    for (const clang::Expr* condition : around->conditions)
      names(condition);
}

void Dependence::takeWrite(const Write& write) {
  if (!write.to) {
    opaque_ = opaque_ || (write.target && !llvm::isa<clang::MemberExpr>(strip(write.target)));
    return;
  }
  depend(write.to, write.value, &write.around);
  if (write.target)
    depend(write.to, write.target, nullptr);
  if (write.of_element)
    written_.insert(sameMemory(write.to));
  if (!write.of_element && write.value && holdsAddress(*write.to, write.value))
    joinRoots(write.to, write.value);
}

/// `p = c ? a : b` may be either; `p = f(a, b)` as well.
void Dependence::joinRoots(const clang::ValueDecl* pointer, const clang::Expr* value) {
  value = strip(value);
  if (const auto* either = llvm::dyn_cast_or_null<clang::ConditionalOperator>(value)) {
    joinRoots(pointer, either->getTrueExpr());
    joinRoots(pointer, either->getFalseExpr());
  } else if (const clang::ValueDecl* root = rootOf(value)) {
    if (!llvm::isa<clang::FunctionDecl>(root) && !llvm::isa<clang::EnumConstantDecl>(root))
      join(pointer, root);
  } else if (const auto* call = llvm::dyn_cast_or_null<clang::CallExpr>(value)) {
    for (const clang::Expr* argument : call->arguments())
      if (argument->getType()->isPointerType())
        joinRoots(pointer, argument);
  }
}

void Dependence::takeCall(const Call& call) {
  const clang::FunctionDecl* callee = call.expr->getDirectCallee();
  bool seen = callee && bodies_.count(callee->getCanonicalDecl());
  const clang::FunctionDecl* body = seen ? callee->getDefinition() : nullptr;
  // operator() and other methods: the object is the first argument of an operator call only.
  unsigned skip = llvm::isa<clang::CXXOperatorCallExpr>(call.expr) && callee && llvm::isa<clang::CXXMethodDecl>(callee);
  for (unsigned i = skip; i < call.expr->getNumArgs(); ++i) {
    const clang::Expr* argument = call.expr->getArg(i);
    const clang::ValueDecl* root = rootOf(argument);
    if (body && i - skip < body->getNumParams()) {
      const clang::ParmVarDecl* parameter = body->getParamDecl(i - skip);
      depend(parameter, argument, &call.around);
      clang::QualType type = parameter->getType();
      if (root && !llvm::isa<clang::FunctionDecl>(root) && (type->isPointerType() || type->isReferenceType()))
        join(parameter, root);
    } else if (!body && root && mayBeWritten(*argument, callee, i)) {
      depend(root, call.expr, &call.around);
      written_.insert(sameMemory(root));
    }
  }
  if (const auto* method = llvm::dyn_cast<clang::CXXMemberCallExpr>(call.expr))
    if (const clang::ValueDecl* object = rootOf(method->getImplicitObjectArgument()))
      depend(object, call.expr, &call.around);
}

void Dependence::takeReturns(const Facts& facts) {
  forEach(facts.function->getBody(), [&](const clang::Stmt& stmt) {
    if (const auto* result = llvm::dyn_cast<clang::ReturnStmt>(&stmt); result && result->getRetValue())
      depend(facts.function->getCanonicalDecl(), result->getRetValue(), nullptr);
    // What decides which value is returned.
    if (const auto* test = llvm::dyn_cast<clang::IfStmt>(&stmt))
      depend(facts.function->getCanonicalDecl(), test->getCond(), nullptr);
    return true;
  });
}

/// Assembly may read and write through every address that it is given, of constant data only read.
void Dependence::takeAssembly(const Asm& one) {
  std::set<const clang::ValueDecl*> named;
  for (unsigned i = 0; i < one.stmt->getNumInputs(); ++i)
    forEach(one.stmt->getInputExpr(i), [&](const clang::Stmt& stmt) {
      const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt);
      if (reference && llvm::isa<clang::VarDecl>(reference->getDecl()))
        named.insert(reference->getDecl());
      return true;
    });
  for (const clang::ValueDecl* to : named) {
    bool reads = to->getType()->isPointerType() && to->getType()->getPointeeType().isConstQualified();
    if (reads)
      continue;
    for (unsigned i = 0; i < one.stmt->getNumInputs(); ++i)
      depend(to, one.stmt->getInputExpr(i), &one.around);
    written_.insert(sameMemory(to));
  }
}

void Dependence::take(const Facts& facts) {
  for (const Write& write : facts.writes)
    takeWrite(write);
  for (const Call& call : facts.calls)
    takeCall(call);
  for (const Asm& one : facts.assembly)
    takeAssembly(one);
  takeReturns(facts);
}

std::set<const clang::ValueDecl*> Dependence::sourcesOf(const clang::ValueDecl* variable) const {
  std::set<const clang::ValueDecl*> seen{sameMemory(variable)};
  std::vector<const clang::ValueDecl*> open{sameMemory(variable)};
  while (!open.empty()) {
    auto edges = edges_.find(open.back());
    open.pop_back();
    if (edges == edges_.end())
      continue;
    for (const clang::ValueDecl* next : edges->second)
      if (seen.insert(sameMemory(next)).second)
        open.push_back(sameMemory(next));
  }
  return seen;
}

bool Dependence::isWritten(const clang::ValueDecl* variable) const {
  for (const clang::ValueDecl* one : written_)
    if (sameMemory(one) == sameMemory(variable))
      return true;
  return false;
}

} // namespace kverify::verifier::lint
