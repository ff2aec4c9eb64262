#pragma once
// Guesses who touches an address: values for a thread's indices and loop counters. Nothing here has to be right: a
// proof asks the solver whether what was guessed does what it should.
#include <map>
#include <vector>

#include "verifier/model/term.h"

namespace kverify::verifier {

using Assignment = std::map<const Sym*, TermPtr>;

/// Values for `unknowns` under which `address` (bytes, over them and anything else) may be `target` (bytes, over what
/// is known), or at most a few bytes below it. They mention symbols of `target` and sizes alone: who it is is settled
/// before anything that only that thread knows, such as what it loads. They are digits of the target in the mixed radix
/// of the address. Each of `equations`, a term that should be zero, is heeded too, where it settles what the address
/// leaves open. An unknown that none of them mentions is absent. `borrow`: numbers in the address may carry over from
/// its last digit (x[16*b + t + 3], t < 16: b = (e - 3) / 16); else they lie within it (x[16*b + t + 8], t < 8: b = e /
/// 16, t = e % 16 - 8). Several guesses where the address is chosen between; none where it does not come apart.
std::vector<Assignment> solveFor(TermPool& pool, TermPtr address, TermPtr target,
                                 const std::vector<const Sym*>& unknowns, const std::vector<TermPtr>& equations = {},
                                 bool borrow = false);

/// Of what has to hold, the equalities between numbers, as terms that should be zero (t - 5 of t == 5): they settle
/// what an address leaves open. The first few.
std::vector<TermPtr> equationsOf(TermPool& pool, TermPtr condition);

/// A term with these values put in.
class Substitution : public Rewriter {
public:
  Substitution(TermPool& pool, const Assignment& values) : Rewriter(pool), values_(values) {}

protected:
  TermPtr replace(const Sym& sym, TermPtr original) override {
    auto found = values_.find(&sym);
    return found == values_.end() ? original : found->second;
  }

private:
  const Assignment& values_;
};

} // namespace kverify::verifier
