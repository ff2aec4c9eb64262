#pragma once
// What is left of a module after optimisation. Private to fuzz/mutate.
#include <string>

#include <llvm/IR/Module.h>

namespace kverify::mutate {

/// The optimised code as text, without names and places: equal for equal programs, often. Changes the module.
std::string canonicalCode(llvm::Module& module);

} // namespace kverify::mutate
