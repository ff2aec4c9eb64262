#pragma once
// `float4 p = *(const float4*)&x[3 * i];` reads 16 bytes, also where nobody asks for p.w. Promotion leaves loads of the fields that
// are used, so what was read is noted before, as a call of kReads(place, bytes, alignment), which no pass deletes.
#include <optional>

#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

namespace kverify::frontend {

struct WholeRead {
  llvm::Value* place;
  std::uint64_t bytes;
  std::uint64_t align; ///< bytes
};

/// Null: it is no such note.
std::optional<WholeRead> wholeRead(const llvm::Instruction& instruction);

/// Notes what every copy of constant size reads from memory that is not known to be a local object's.
void noteWholeReads(llvm::Module& module);

/// Drops notes about local objects: a guard of Promotion, which sees pointers promoted. What leaves such an object is kept otherwise.
void forgetReadsOfLocals(llvm::Function& function);

/// Drops notes where the loads that are left read all of it before anything else happens.
void forgetReadsThatAreThere(llvm::Function& function);

} // namespace kverify::frontend
