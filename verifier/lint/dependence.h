#pragma once
// What may depend on what: one graph over the variables of all functions of a file. Blind to order, to calling contexts
// and to the elements of an array, so that a dependence may be there that no run shows; that there is none is certain,
// as far as every write is visible (see opaque).
#include <map>
#include <set>
#include <vector>

#include "verifier/lint/context.h"
#include "verifier/lint/facts.h"

namespace clang {
class ParmVarDecl;
}

namespace kverify::verifier::lint {

class Dependence {
public:
  Dependence(const std::vector<UserFunction>& functions, const std::vector<Facts>& facts);

  /// Everything that the variable's values may depend on, by data, address or condition; itself included. Names of one
  /// piece of memory (a pointer and what it was made from) count as one: this gives one of them.
  std::set<const clang::ValueDecl*> sourcesOf(const clang::ValueDecl* variable) const;
  /// The name that stands for all names of this memory.
  const clang::ValueDecl* sameMemory(const clang::ValueDecl* variable) const;
  /// Is anything written through the pointer, or through what it was copied to?
  bool isWritten(const clang::ValueDecl* variable) const;
  /// Some write goes to nobody knows where, or through a call without a body that takes this address.
  bool isOpaque() const { return opaque_; }

private:
  void take(const Facts& facts);
  void takeWrite(const Write& write);
  void takeCall(const Call& call);
  void takeAssembly(const Asm& one);
  void takeReturns(const Facts& facts);
  void depend(const clang::ValueDecl* on, const clang::Stmt* expr, const Around* around);
  void joinRoots(const clang::ValueDecl* pointer, const clang::Expr* value);
  void join(const clang::ValueDecl* a, const clang::ValueDecl* b);

  std::set<const clang::FunctionDecl*> bodies_;
  mutable std::map<const clang::ValueDecl*, const clang::ValueDecl*> parent_;
  std::map<const clang::ValueDecl*, std::set<const clang::ValueDecl*>> edges_;
  std::set<const clang::ValueDecl*> written_;
  bool opaque_ = false;
};

} // namespace kverify::verifier::lint
