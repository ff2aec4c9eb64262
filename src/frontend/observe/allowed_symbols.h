#pragma once
// What host code may call of this process while it is run: computations and memory, nothing that reaches outside.
#include <string>

namespace llvm {
class Module;
} // namespace llvm

namespace kverify::frontend::observe {

bool isAllowed(const std::string& symbol);

/// Gives every function that is declared only and neither allowed nor the pretended device's a body that ends the call, with its
/// name; the same for variables, in memory that must not be touched.
void endWhereNotAllowed(llvm::Module& module);

} // namespace kverify::frontend::observe
