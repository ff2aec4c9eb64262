#pragma once
// Terms with what is plain folded away. A null term is an unknown one, and everything made of it is unknown.
#include <optional>
#include <string>
#include <vector>

#include "frontend/host/facts.h"

namespace kverify::frontend::host {

Term number(std::int64_t value);
Term nameTerm(const std::string& name);
/// Integer arithmetic as C's. Folds constants (not where they overflow or divide by zero: then it is unknown) and
/// recognises `(a + b - 1) / b` as ceildiv(a, b), which it is for sizes: a not negative, b positive.
Term make(ExprOp op, Term a, Term b);
Term make(ExprOp op, Term a);
Term product(const std::vector<Term>& factors);

/// Real-valued formulas, as a contract's real-valued places read them: '/' is real division and nothing is folded. Null where
/// an operand is.
Term real(ExprOp op, Term a, Term b);
Term real(ExprOp op, Term a);
Term decimal(double value);
/// An integer term as a formula; null where it divides as integers do, which a formula can't say.
Term asReal(const Term& integer);

std::optional<std::int64_t> constantOf(const Term& term);
bool isName(const Term& term, const std::string& name);
bool same(const Term& a, const Term& b);
Term substitute(const Term& term, const std::map<std::string, Term>& values);
/// "N + 1"; "?" for an unknown one.
std::string textOf(const Term& term);
/// "$type:3:Float" as {type, 3, Float}: a fact of tensors that a condition or a closing may settle. Empty for the names of sizes.
std::vector<std::string> factParts(const std::string& name);

} // namespace kverify::frontend::host
