#pragma once
// What the synchronisation checks look for in a kernel's IR.
#include <vector>

#include <llvm/ADT/STLFunctionalExtras.h>

namespace llvm {
class Function;
class Instruction;
} // namespace llvm

namespace kverify::verifier::lint {

enum class Sync {
  None,
  BlockBarrier, ///< of all threads of the block
  NamedBarrier, ///< of some of them, or a barrier object
  WarpSync,     ///< __syncwarp
  WarpExchange, ///< shuffle, vote, match, reduction
  AsyncCopy,    ///< cp.async
  AsyncWait,    ///< for some or all of them
  AsyncObject,  ///< completion through an mbarrier or a bulk copy: not followed here
};

Sync syncOf(const llvm::Instruction& instruction);

/// The constant mask of a warp operation, or -1 where it is not a constant, in the low 32 bits otherwise.
long long warpMaskOf(const llvm::Instruction& instruction);

/// Goes along every path from after `from`, instruction by instruction, each once. `visit` returns false to end a path.
/// `around` tells whether a loop's back edge was taken. Of two ways to an instruction the one without a back edge counts.
void follow(const llvm::Instruction& from, llvm::function_ref<bool(const llvm::Instruction&, bool around)> visit);

} // namespace kverify::verifier::lint
