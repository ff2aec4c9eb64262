#pragma once
// Remainders x - d*(x / d) in a sum, each as one symbol: a sum of products no longer shows them.
#include "verifier/checks/witness.h"

namespace kverify::verifier {

/// The same sum with symbols for remainders, and what they stand for (to be put back by Substitution).
TermPtr withRemainders(TermPool& pool, TermPtr sum, Assignment& meaning);

} // namespace kverify::verifier
