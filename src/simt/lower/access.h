#pragma once
// What an instruction does to memory, as the instrumenter needs to know it.
#include <cstdint>
#include <optional>
#include <vector>

#include "simt/runtime/abi.h"

namespace llvm {
class DataLayout;
class Instruction;
class Value;
} // namespace llvm

namespace kverify::simt::lower {

/// One load, store or atomic of a fixed size.
struct MemoryAccess {
  llvm::Instruction* instruction = nullptr;
  llvm::Value* pointer = nullptr;
  std::uint64_t bytes = 0;
  std::uint32_t align = 1; ///< bytes
  abi::Kind kind = abi::kRead;
  abi::Space space = abi::kGeneric;
};

/// The access of a load, store, atomicrmw or cmpxchg; nothing for anything else and for the executor's own accesses.
std::optional<MemoryAccess> accessOf(llvm::Instruction& instruction, const llvm::DataLayout& layout);

/// Where the object that `pointer` is derived from lives; kGeneric where that depends on the run.
abi::Space spaceOf(llvm::Value* pointer);

/// True for pointers into the parameter buffer: the executor's own.
bool isParameter(llvm::Value* pointer);

/// An index into an inner dimension of a shared or local array on the way to `pointer`, that is not a constant.
struct InnerIndex {
  llvm::Value* index = nullptr;
  std::uint64_t extent = 0;
};
std::vector<InnerIndex> innerIndices(llvm::Value* pointer);

} // namespace kverify::simt::lower
