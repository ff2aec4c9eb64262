#pragma once
#include <vector>

#include <llvm/IR/Instructions.h>
#include <llvm/IR/ValueHandle.h>

#include "simt/lower/lower.h"

namespace kverify::simt::lower {

/// Promotion to registers will leave it alone.
void keepInMemory(llvm::AllocaInst& alloca);

/// Promotion to registers deletes constant accesses outside a local array. Arrays that have one are kept in memory.
void keepOutOfBounds(llvm::Function& function);

bool hasPointersInMemory(llvm::Function& function);

/// While one exists, promotion takes only the variables that have pointers in them. Afterwards it is known which object
/// an access goes through such a pointer to.
class PointersFirst {
public:
  explicit PointersFirst(llvm::Function& function);
  ~PointersFirst();
  PointersFirst(const PointersFirst&) = delete;
  PointersFirst& operator=(const PointersFirst&) = delete;

private:
  std::vector<llvm::WeakTrackingVH> holds_;
};

/// Gives every local array that survived promotion to registers a red zone on both sides and shadow of its own:
/// unallocated outside, uninitialised where its lifetime starts. Run before the checks of accesses are inserted.
void instrumentLocals(llvm::Module& module, llvm::Function& function, unsigned granule_log2, Sites& sites,
                      bool precise);

} // namespace kverify::simt::lower
