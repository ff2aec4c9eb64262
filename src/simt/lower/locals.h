#pragma once
#include <vector>

#include <llvm/IR/Instructions.h>

#include "simt/lower/lower.h"

namespace kverify::simt::lower {

/// The program's own variables, without those that lowering added.
std::vector<llvm::AllocaInst*> programLocals(llvm::Function& function);

/// Promotion to registers will leave it alone.
void keepInMemory(llvm::AllocaInst& alloca);

/// Promotion to registers deletes constant accesses outside a local array. Arrays that have one are kept in memory.
void keepOutOfBounds(llvm::Function& function);

/// Gives every local array that survived promotion to registers a red zone on both sides and shadow of its own:
/// unallocated outside, uninitialised where its lifetime starts. Run before the checks of accesses are inserted.
void instrumentLocals(llvm::Module& module, llvm::Function& function, unsigned granule_log2, Sites& sites,
                      bool precise);

} // namespace kverify::simt::lower
