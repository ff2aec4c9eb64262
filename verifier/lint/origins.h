#pragma once
// What a value is made of, through local variables, the file's own functions, and the arguments they are given.
// Blind to order and to calling contexts: a part may be there that no run uses.
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "verifier/lint/context.h"
#include "verifier/lint/facts.h"

namespace kverify::verifier::lint {

class Origins {
public:
  /// How far to follow: through every write of a variable, or only through variables that are written once.
  enum class Through { AllWrites, OneWrite };
  using Visit = std::function<void(const clang::Stmt&)>;
  using VisitWrite = std::function<void(const Write&)>;

  explicit Origins(const LintContext& context);

  const std::vector<Facts>& facts() const { return facts_; } ///< in the order of context.functions

  /// Calls `visit` for every part of the value, and `on_write` for every write that a part comes from.
  void forEachPart(const clang::Expr* value, Through through, const Visit& visit, const VisitWrite& on_write = {}) const;

  /// Is there a part that `wanted` accepts?
  bool any(const clang::Expr* value, Through through, const std::function<bool(const clang::Stmt&)>& wanted) const;

private:
  struct Trip;
  void follow(const clang::Expr* value, Trip& trip) const;
  void followVariable(const clang::ValueDecl* variable, Trip& trip) const;

  std::vector<Facts> facts_;
  std::map<const clang::ValueDecl*, std::vector<const Write*>> writes_;
  std::map<const clang::ValueDecl*, std::vector<const clang::Expr*>> arguments_; ///< of parameters
  std::map<const clang::FunctionDecl*, std::vector<const clang::Expr*>> results_;
};

/// Does the variable keep its value from one launch or call to the next? Constants and shared memory do not count.
bool outlives(const clang::ValueDecl* variable);

} // namespace kverify::verifier::lint
