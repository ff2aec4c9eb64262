#pragma once
// Figures about how hard a function is to read. They accuse nobody: readable.cpp says where one is unusual.
#include <string>
#include <vector>

#include "verifier/lint/context.h"

namespace clang {
class ParmVarDecl;
class VarDecl;
} // namespace clang

namespace kverify::verifier::lint {

struct Figures {
  unsigned lines = 0;      ///< from the first to the last of the body
  unsigned statements = 0; ///< without blocks and declarations of nothing
  unsigned cyclomatic = 1; ///< McCabe 1976: 1 + branches, loops, cases, `&&`, `||`, `?:`
  unsigned nesting = 0;    ///< of branches and loops
  std::vector<const clang::Expr*> magic;            ///< numbers in index arithmetic that have no name
  std::vector<const clang::VarDecl*> never_read;    ///< local variables that are written at most
  std::vector<const clang::ParmVarDecl*> unused;    ///< named parameters that the body does not name
  std::vector<const clang::VarDecl*> short_names;   ///< of one lower-case letter that is not a usual name
  std::vector<const clang::Stmt*> unreachable;      ///< what stands behind a return, break, continue or `if (false)`
  unsigned variables = 0;
};

Figures figuresOf(const UserFunction& function, const LintContext& context);

/// Two runs of statements with the same shape, apart from the names of variables.
struct Duplicate {
  const UserFunction* function = nullptr;
  const UserFunction* first_in = nullptr;
  const clang::Stmt *first = nullptr, *again = nullptr;
  unsigned statements = 0;
};

std::vector<Duplicate> duplicatesIn(const LintContext& context);

} // namespace kverify::verifier::lint
