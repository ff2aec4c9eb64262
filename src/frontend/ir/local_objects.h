#pragma once
// Variables of functions, as the front end leaves them: in memory, to be promoted to registers.
#include <cstdint>
#include <functional>
#include <vector>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

namespace kverify::frontend {

/// Every variable of a function.
std::vector<llvm::AllocaInst*> localsOf(llvm::Function& function);

/// A scalar of an object, or a word of a vector in it.
struct Leaf {
  std::uint64_t offset; ///< bytes from the object's beginning
  unsigned bytes;       ///< 1, 2, 4 or 8
};

/// Of structures the fields, of arrays the elements; no padding, but for arrays of bytes that stand for it.
std::vector<Leaf> leavesOf(const llvm::AllocaInst& object);

/// Where its scope is entered. Empty: somewhere in the function; clang names no place where control can jump past the
/// declaration.
std::vector<llvm::Instruction*> lifetimeStarts(llvm::AllocaInst& object);

/// Parameters are copied into their variable first thing.
bool holdsParameter(const llvm::AllocaInst& object);

/// The first place in the entry block with every static alloca before it.
llvm::Instruction* afterAllocas(llvm::Function& function);

/// A value of the type it is given.
using MakeValue = std::function<llvm::Value*(llvm::Type*)>;
/// Stores a value of its own over each leaf, at `builder`'s place: what the variable has before the program sets it. A scalar
/// variable gets one of its type, so that the simplest promotion takes it.
void storeFirstValues(llvm::AllocaInst& object, const std::vector<Leaf>& leaves, llvm::IRBuilderBase& builder,
                      const MakeValue& value);
/// Of the variables that promotion left in memory.
void dropFirstValues(llvm::Function& function);

} // namespace kverify::frontend
