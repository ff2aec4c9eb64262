#pragma once
// What is added to a kernel in place of a mutant: traps that tell whether a run would notice it, and claims that the
// formal stage may prove. Private to fuzz/mutate.
#include <string>

#include "fuzz/mutate/sites.h"

namespace kverify::mutate {

/// Where control shows that the edit makes a difference.
llvm::Instruction* placeOf(const Edit& edit);

/// Whoever gets there stops.
void trapAt(llvm::Instruction& place);
/// Whoever computes two unlike values stops.
void trapWhereUnequal(const Beside& values);

/// "Nobody gets there."
void claimNever(llvm::Instruction& place, const std::string& text);
/// "The two are always equal." Says nothing of values that are no integers.
void claimEqual(const Beside& values, const std::string& text);

} // namespace kverify::mutate
