#include "verifier/lint/origins.h"

#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>

#include "verifier/lint/code.h"

namespace kverify::verifier::lint {

namespace {

constexpr unsigned kMostParts = 20000; ///< of one value; what lies behind them is not looked at

} // namespace

/// One walk from a value to what it is made of.
struct Origins::Trip {
  Through through;
  const Visit& visit;
  const VisitWrite& on_write;
  std::set<const clang::Decl*> seen;
  unsigned parts = 0;
};

Origins::Origins(const LintContext& context) {
  for (const UserFunction& function : context.functions)
    facts_.push_back(factsOf(*function.decl));
  for (const Facts& facts : facts_) {
    for (const Write& write : facts.writes)
      if (write.to)
        writes_[write.to].push_back(&write);
    for (const Call& call : facts.calls) {
      const clang::FunctionDecl* callee = call.expr->getDirectCallee();
      const clang::FunctionDecl* body = callee ? callee->getDefinition() : nullptr;
      // operator() and other methods: the object is the first argument of an operator call only.
      unsigned skip = llvm::isa<clang::CXXOperatorCallExpr>(call.expr) && llvm::isa_and_nonnull<clang::CXXMethodDecl>(callee);
      for (unsigned i = skip; body && i < call.expr->getNumArgs() && i - skip < body->getNumParams(); ++i)
        arguments_[body->getParamDecl(i - skip)].push_back(call.expr->getArg(i));
    }
    forEach(facts.function->getBody(), [&](const clang::Stmt& stmt) {
      if (const auto* result = llvm::dyn_cast<clang::ReturnStmt>(&stmt); result && result->getRetValue())
        results_[facts.function->getCanonicalDecl()].push_back(result->getRetValue());
      return true;
    });
  }
}

void Origins::followVariable(const clang::ValueDecl* variable, Trip& trip) const {
  if (!trip.seen.insert(variable).second)
    return;
  auto written = writes_.find(variable);
  if (written != writes_.end() && (trip.through == Through::AllWrites || written->second.size() == 1))
    for (const Write* write : written->second) {
      if (trip.on_write)
        trip.on_write(*write);
      follow(write->value, trip);
    }
  auto given = arguments_.find(variable);
  if (given != arguments_.end() && (trip.through == Through::AllWrites || written == writes_.end()))
    for (const clang::Expr* argument : given->second)
      follow(argument, trip);
}

void Origins::follow(const clang::Expr* value, Trip& trip) const {
  forEach(value, [&](const clang::Stmt& stmt) {
    if (++trip.parts > kMostParts)
      return false;
    trip.visit(stmt);
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&stmt)) {
      if (llvm::isa<clang::VarDecl>(reference->getDecl()))
        followVariable(reference->getDecl(), trip);
    } else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&stmt); call && call->getDirectCallee()) {
      const clang::FunctionDecl* callee = call->getDirectCallee()->getCanonicalDecl();
      auto results = results_.find(callee);
      if (results != results_.end() && trip.seen.insert(callee).second)
        for (const clang::Expr* result : results->second)
          follow(result, trip);
    }
    return true;
  });
}

void Origins::forEachPart(const clang::Expr* value, Through through, const Visit& visit, const VisitWrite& on_write) const {
  Trip trip{through, visit, on_write, {}};
  follow(value, trip);
}

bool Origins::any(const clang::Expr* value, Through through, const std::function<bool(const clang::Stmt&)>& wanted) const {
  bool found = false;
  forEachPart(value, through, [&](const clang::Stmt& stmt) { found = found || wanted(stmt); });
  return found;
}

bool outlives(const clang::ValueDecl* decl) {
  const auto* variable = llvm::dyn_cast_or_null<clang::VarDecl>(decl);
  return variable && variable->hasGlobalStorage() && !variable->hasAttr<clang::CUDASharedAttr>() &&
         !variable->hasAttr<clang::CUDAConstantAttr>() && !variable->isConstexpr() &&
         !variable->getType().isConstQualified();
}

} // namespace kverify::verifier::lint
