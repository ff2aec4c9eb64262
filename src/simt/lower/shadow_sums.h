#pragma once
// Sums that a loop carries, whose shadows need not be brought down to size at every step.
#include <llvm/ADT/DenseSet.h>

namespace llvm {
class Function;
class Instruction;
class Value;
} // namespace llvm

namespace kverify::simt::lower {

/// Cycles of phis and additions (a + b, a - b, and c of a b + c): each addition has one addend in its cycle, so a step
/// adds no more than one residue. What else uses such a value takes it reduced.
class RunningSums {
public:
  RunningSums() = default;
  explicit RunningSums(llvm::Function& function);
  bool contains(const llvm::Value* value) const { return members_.contains(value); }

private:
  llvm::DenseSet<const llvm::Value*> members_;
};

} // namespace kverify::simt::lower
