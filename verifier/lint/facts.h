#pragma once
// What a function's code says about its variables: who is written, with what, in which loops, under which conditions.
// In no order: a fact holds somewhere in the function, not at a given point of it.
#include <string>
#include <vector>

namespace clang {
class ASTContext;
class CallExpr;
class Expr;
class FunctionDecl;
class GCCAsmStmt;
class Stmt;
class ValueDecl;
} // namespace clang

namespace kverify::verifier::lint {

/// What stands around a piece of code, outermost first.
struct Around {
  std::vector<const clang::Stmt*> loops;
  /// Of ifs, loops, `?:`, `&&`; and of `if (c) return;` before it in the same block.
  std::vector<const clang::Expr*> conditions;
};

struct Write {
  const clang::ValueDecl* to = nullptr; ///< the variable, or the one that the address is made from; null: unknown
  const clang::Expr* target = nullptr;  ///< the lvalue; null for an initialiser
  const clang::Expr* value = nullptr;   ///< what is stored or added; null for ++ and --
  const clang::Stmt* site = nullptr;
  bool is_init = false;
  bool of_element = false;  ///< through a pointer or subscript, not the whole variable
  bool accumulates = false; ///< `x += v`, `x = x + v`, `x = f(v, x)` and the like
  bool adds = false;        ///< and what it does is a sum: +=, -=, x + v, fma
  Around around;
};

struct Call {
  const clang::CallExpr* expr = nullptr;
  std::string name; ///< without namespaces, or ""
  Around around;
};

struct Asm {
  const clang::GCCAsmStmt* stmt = nullptr;
  std::string text;
  Around around;
};

struct Facts {
  const clang::FunctionDecl* function = nullptr;
  std::vector<Write> writes;
  std::vector<Call> calls;
  std::vector<Asm> assembly;
  std::vector<std::pair<const clang::Expr*, Around>> divisions; ///< `/` and `/=` of floating types

  std::vector<const Write*> writesTo(const clang::ValueDecl* variable) const;
  /// The write that adds to the variable inside a loop, or null.
  const Write* accumulation(const clang::ValueDecl* variable) const;
};

/// Of the function's own body, lambdas inside it included, callees not.
Facts factsOf(const clang::FunctionDecl& function);

/// Does the loop run a number of times that its own head shows to be at most `most`?
bool isShortLoop(const clang::Stmt& loop, const clang::ASTContext& context, unsigned most);

} // namespace kverify::verifier::lint
