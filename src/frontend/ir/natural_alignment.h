#pragma once
// What alignment an access needs.
#include <llvm/IR/Module.h>

namespace kverify::frontend {

/// An access through T* needs the alignment of T. Clang lowers what it promises where it can see the declaration behind a cast
/// (&bytes[1] read as int has align 1) and raises it where that is aligned more (an int2 in alignas(16)), but nvcc and the
/// hardware use the full-width instruction, no wider. Members of packed structures may lie anywhere. Run it before passes that
/// move alignments about, and while copies still have the `!tbaa.struct` that tells an assignment.
void restoreNaturalAlignment(llvm::Module& module);

} // namespace kverify::frontend
