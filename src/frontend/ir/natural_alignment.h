#pragma once
// What alignment an access needs.
#include <llvm/IR/Module.h>

namespace kverify::frontend {

/// An access through T* needs the alignment of T. Clang lowers what it promises where it can see the declaration behind a cast
/// (&bytes[1] read as int has align 1), but nvcc and the hardware use the full-width instruction. Alignments are raised, never
/// lowered; that of one side of a copy that is declared with more is no demand on the other. Members of packed structures may
/// lie anywhere. Run it before passes that move alignments about, and while copies still have the `!tbaa.struct` that tells an
/// assignment.
void restoreNaturalAlignment(llvm::Module& module);

} // namespace kverify::frontend
