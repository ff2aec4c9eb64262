#pragma once
// Loads and stores of shared memory, and whether two of them may be by different threads at one address.
#include <vector>

#include "verifier/lint/address.h"
#include "verifier/lint/context.h"

namespace llvm {
class LoopInfo;
} // namespace llvm

namespace kverify::verifier::lint {

struct SharedAccess {
  const llvm::Instruction* at = nullptr;
  const llvm::Value* array = nullptr;
  Address address;
  bool is_store = false;
  bool is_volatile = false;
  bool is_async = false; ///< written by cp.async
  unsigned bytes = 0;
};

/// Atomics are left out: they order themselves. Equal values that depend on the thread are one atom in all addresses.
std::vector<SharedAccess> sharedAccesses(const KernelCode& kernel, const Uniformity& uniform);

enum class Conflict {
  No,    ///< each thread touches its own element, or the parts of the array differ
  Likely, ///< the addresses differ in how they depend on the thread
  Unclear,
};

/// May the element that one thread stores be the one that another thread loads? `loops`: of the kernel. `later`: one of
/// the two is in a later iteration than the other.
Conflict conflictOf(const SharedAccess& store, const SharedAccess& load, const Uniformity& uniform,
                    const llvm::LoopInfo& loops, bool later);

} // namespace kverify::verifier::lint
