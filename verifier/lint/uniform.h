#pragma once
// Which values of a kernel depend on the thread, and what runs under conditions that do.
#include <string>
#include <vector>

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SmallPtrSet.h>

namespace llvm {
class BasicBlock;
class Function;
class Instruction;
class PostDominatorTree;
class Value;
} // namespace llvm

namespace kverify::verifier::lint {

/// How far a value is the same for all.
enum class Spread {
  Block, ///< for all threads of a block
  Warp,  ///< for all lanes of a warp, where rows of threads are whole warps
  Lanes, ///< for none
};

/// A branch that threads may take differently, and the blocks that only some of them run because of it.
struct Divergence {
  const llvm::Instruction* branch = nullptr;
  Spread spread = Spread::Lanes;
  llvm::SmallPtrSet<const llvm::BasicBlock*, 16> blocks;
};

/// A guess that errs to the side of "the same": what is loaded from one address is the same for all threads (there is no
/// race), and threadIdx.y does not change inside a warp.
class Uniformity {
public:
  explicit Uniformity(const llvm::Function& kernel);

  Spread of(const llvm::Value* value) const;
  const std::vector<Divergence>& divergences() const { return divergences_; }

  /// The outermost branch that keeps some threads away from here, of at least this spread; or null.
  const Divergence* keptFrom(const llvm::BasicBlock* block, Spread least) const;

private:
  bool raise(const llvm::Value* value, Spread spread);
  Spread operands(const llvm::Instruction& instruction) const;
  Spread ruleOf(const llvm::Instruction& instruction) const;
  bool spreadBranch(const llvm::Instruction& branch, const llvm::PostDominatorTree& after);

  llvm::DenseMap<const llvm::Value*, Spread> spread_;
  std::vector<Divergence> divergences_;
};

/// The special register that a call reads: "tid.x", "ctaid.y", "laneid"; or "".
std::string registerRead(const llvm::Value& value);

/// The thread's own number plus what is the same for the block, in any width.
bool isThreadNumber(const llvm::Value& value, const Uniformity& uniform);

} // namespace kverify::verifier::lint
