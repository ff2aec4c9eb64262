#pragma once
// Structures have bytes that belong to no value. What they hold is nobody's fault. Private to src/simt/lower.
#include <llvm/ADT/BitVector.h>
#include <llvm/ADT/STLFunctionalExtras.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

namespace kverify::simt::lower {

using Word = llvm::function_ref<void(unsigned offset, unsigned bytes)>;

/// Metadata kind of local objects: beginnings and ends, in bytes, of their padding.
inline constexpr const char* kPadding = "kv.padding";

/// Assigning a structure copies its padding, too. Such copies become copies of the fields, which are checked, and of
/// the padding, which is not read as far as the checks are concerned; and local objects note their padding. A union counts
/// whole. Neither does setting a bit-field read its neighbours, as far as the checks are concerned. Run it before `!tbaa.struct`, which names the fields, is dropped.
void copyFieldsApart(llvm::Module& module);

/// One bit a byte of a local object, clear where copyFieldsApart noted padding.
llvm::BitVector valueBytes(const llvm::AllocaInst& alloca);

/// The padding that copyFieldsApart noted, as words.
void forEachPaddingWord(const llvm::AllocaInst& alloca, Word word);

} // namespace kverify::simt::lower
