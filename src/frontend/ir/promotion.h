#pragma once
// Local variables become registers, without what is wrong about their use getting lost.
#include <functional>

#include <llvm/IR/Function.h>
#include <llvm/IR/PassManager.h>

#include "frontend/passes.h"

namespace kverify::frontend {

/// LLVM's promotion deletes accesses outside of a variable. So variables that only ever are what was stored to them go
/// first, and those that have pointers in them: what is read through these is then seen to be inside or outside of its
/// object. `guard` is called then, to keep in memory what must not be promoted; last come all others.
class Promotion {
public:
  /// `cleaning`: function passes that run after each promotion, as LLVM's tools spell them ("early-cse"); may be empty.
  /// Without a guard everything is promoted at once.
  Promotion(std::function<void(llvm::Function&)> guard, const std::string& cleaning);

  void run(llvm::Function& function);

private:
  void apply(llvm::FunctionPassManager& manager, llvm::Function& function);

  std::function<void(llvm::Function&)> guard_;
  Passes passes_;
  llvm::FunctionPassManager scalars_, objects_;
};

} // namespace kverify::frontend
