#include <algorithm>
#include <cstddef>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include "simt/lower/lower.h"
#include "simt/runtime/abi.h"

namespace kverify::simt::lower {
namespace {

constexpr unsigned kAddressShared = 3;
using Builder = llvm::IRBuilder<>;

/// Where the shared window begins, as an integer.
llvm::Value* window(Builder& b, llvm::Module& m) {
  llvm::Value* address =
      b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), contextOf(b, m), offsetof(abi::ThreadContext, arena));
  llvm::LoadInst* arena = b.CreateLoad(b.getInt64Ty(), address);
  arena->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(m.getContext(), {}));
  arena->setMetadata(kNoInstrument, llvm::MDNode::get(m.getContext(), {}));
  return b.CreateAdd(arena, b.getInt64(abi::kSharedWindow));
}

/// The flat pointer for one in any address space; keeps the chain to the underlying object where there is one.
llvm::Value* flat(Builder& b, llvm::Module& m, llvm::Value* pointer) {
  unsigned space = pointer->getType()->getPointerAddressSpace();
  if (space == 0)
    return pointer;
  if (auto* cast = llvm::dyn_cast<llvm::AddrSpaceCastInst>(pointer))
    if (cast->getSrcAddressSpace() == 0)
      return cast->getPointerOperand();
  if (auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(pointer)) {
    std::vector<llvm::Value*> indices(gep->idx_begin(), gep->idx_end());
    return b.CreateGEP(gep->getSourceElementType(), flat(b, m, gep->getPointerOperand()), indices);
  }
  if (space != kAddressShared)
    return b.CreateAddrSpaceCast(pointer, b.getPtrTy());
  llvm::Value* offset =
      b.CreateZExt(b.CreateTrunc(b.CreatePtrToInt(pointer, b.getInt64Ty()), b.getInt32Ty()), b.getInt64Ty());
  // A call, not arithmetic: the instrumenter must still see that this is shared memory.
  auto callee =
      m.getOrInsertFunction("kv.shared.pointer", llvm::FunctionType::get(b.getPtrTy(), {b.getInt64Ty()}, false));
  auto* function = llvm::cast<llvm::Function>(callee.getCallee());
  function->setDoesNotAccessMemory();
  function->setDoesNotThrow();
  function->setWillReturn();
  return b.CreateCall(function, {b.CreateAdd(window(b, m), offset)});
}

void flattenCast(llvm::Module& m, llvm::AddrSpaceCastInst& cast) {
  Builder b(&cast);
  if (cast.getDestAddressSpace() == 0) {
    cast.replaceAllUsesWith(flat(b, m, cast.getPointerOperand()));
    cast.eraseFromParent();
  } else if (cast.getDestAddressSpace() == kAddressShared && cast.getSrcAddressSpace() == 0) {
    llvm::Value* offset = b.CreateSub(b.CreatePtrToInt(cast.getPointerOperand(), b.getInt64Ty()), window(b, m));
    cast.replaceAllUsesWith(b.CreateIntToPtr(b.CreateAnd(offset, b.getInt64(0xffffffff)), cast.getType()));
    cast.eraseFromParent();
  }
}

bool accessesMemory(const llvm::Instruction& instruction) {
  if (llvm::isa<llvm::LoadInst, llvm::StoreInst, llvm::AtomicRMWInst, llvm::AtomicCmpXchgInst>(instruction))
    return true;
  auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
  return call && call->getCalledFunction() && call->getCalledFunction()->getName().starts_with("kv_");
}

/// Memory intrinsics are overloaded on the address spaces: make the flat one.
void flattenTransfer(llvm::Module& m, llvm::MemIntrinsic& transfer) {
  Builder b(&transfer);
  llvm::Value* to = flat(b, m, transfer.getRawDest());
  if (auto* set = llvm::dyn_cast<llvm::MemSetInst>(&transfer)) {
    b.CreateMemSet(to, set->getValue(), set->getLength(), set->getDestAlign(), set->isVolatile());
  } else {
    auto* copy = llvm::cast<llvm::MemTransferInst>(&transfer);
    llvm::Value* from = flat(b, m, copy->getRawSource());
    if (llvm::isa<llvm::MemMoveInst>(copy))
      b.CreateMemMove(to, copy->getDestAlign(), from, copy->getSourceAlign(), copy->getLength());
    else
      b.CreateMemCpy(to, copy->getDestAlign(), from, copy->getSourceAlign(), copy->getLength());
  }
  transfer.eraseFromParent();
}

bool hasSpace(const llvm::Value* value) {
  return value->getType()->isPointerTy() && value->getType()->getPointerAddressSpace() != 0;
}

void flattenFunction(llvm::Module& m, llvm::Function& function) {
  std::vector<llvm::Instruction*> accesses;
  std::vector<llvm::MemIntrinsic*> transfers;
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    if (accessesMemory(instruction))
      accesses.push_back(&instruction);
    if (auto* transfer = llvm::dyn_cast<llvm::MemIntrinsic>(&instruction))
      if (hasSpace(transfer->getRawDest()) || (llvm::isa<llvm::MemTransferInst>(transfer) &&
                                               hasSpace(llvm::cast<llvm::MemTransferInst>(transfer)->getRawSource())))
        transfers.push_back(transfer);
  }
  for (llvm::Instruction* access : accesses) {
    Builder b(access);
    auto* call = llvm::dyn_cast<llvm::CallInst>(access);
    for (llvm::Use& operand : access->operands()) {
      if (call && !call->isArgOperand(&operand))
        continue;
      if (auto* store = llvm::dyn_cast<llvm::StoreInst>(access); store && operand.get() == store->getValueOperand())
        continue;
      if (hasSpace(operand.get()))
        operand.set(flat(b, m, operand.get()));
    }
  }
  for (llvm::MemIntrinsic* transfer : transfers)
    flattenTransfer(m, *transfer);
  std::vector<llvm::AddrSpaceCastInst*> casts;
  for (llvm::Instruction& instruction : llvm::instructions(function))
    if (auto* cast = llvm::dyn_cast<llvm::AddrSpaceCastInst>(&instruction))
      casts.push_back(cast);
  // Casts to flat first: a pointer that only passes through the shared space keeps its object.
  std::stable_partition(casts.begin(), casts.end(), [](auto* cast) { return cast->getDestAddressSpace() == 0; });
  for (llvm::AddrSpaceCastInst* cast : casts)
    flattenCast(m, *cast);
}

} // namespace

void flattenAddressSpaces(llvm::Module& module) {
  for (llvm::Function& function : module)
    if (!function.isDeclaration())
      flattenFunction(module, function);
}

} // namespace kverify::simt::lower
