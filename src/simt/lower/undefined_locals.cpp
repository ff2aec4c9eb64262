// Local variables that live in registers have no shadow. Where one may be read before it is written, its first value is
// made explicit: kv_undefined(), a number that the executor chooses. If the program's result depends on the choice, the
// variable was used uninitialised. Promotion to registers deletes every such value that is never used.
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include "simt/lower/lower.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;
// Larger objects are arrays in memory, which have shadow.
constexpr std::uint64_t kMaxBytes = 64;

/// Only loads, stores and constant offsets: promotion will take it apart.
bool staysInRegisters(const llvm::Value& pointer) {
  for (const llvm::User* user : pointer.users()) {
    if (llvm::isa<llvm::LoadInst>(user))
      continue;
    if (auto* store = llvm::dyn_cast<llvm::StoreInst>(user); store && store->getPointerOperand() == &pointer)
      continue;
    if (auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(user); gep && gep->hasAllConstantIndices()) {
      if (!staysInRegisters(*gep))
        return false;
      continue;
    }
    auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(user);
    bool harmless =
        intrinsic && (intrinsic->isLifetimeStartOrEnd() ||
                      (llvm::isa<llvm::MemTransferInst>(intrinsic) &&
                       llvm::isa<llvm::ConstantInt>(llvm::cast<llvm::MemTransferInst>(intrinsic)->getLength())));
    if (!harmless)
      return false;
  }
  return true;
}

/// Parameters are copied into their variable first thing.
bool holdsParameter(const llvm::AllocaInst& alloca) {
  for (const llvm::User* user : alloca.users())
    if (auto* store = llvm::dyn_cast<llvm::StoreInst>(user))
      if (llvm::isa<llvm::Argument>(store->getValueOperand()))
        return true;
  return false;
}

struct Variable {
  std::string name;
  llvm::DebugLoc declared;
};

/// Variables keep their source name in the IR; where their lifetime starts, they are declared.
Variable variableOf(llvm::AllocaInst& alloca, const std::vector<llvm::Instruction*>& starts) {
  for (llvm::Instruction* start : starts)
    if (start->getDebugLoc())
      return {variableName(alloca), start->getDebugLoc()};
  return {};
}

/// Stores undefined words over the whole object.
void define(llvm::Instruction* before, llvm::AllocaInst& alloca, std::uint64_t bytes, const Variable& variable) {
  llvm::Module& m = *alloca.getModule();
  Builder b(before);
  b.SetCurrentDebugLocation(variable.declared);
  for (std::uint64_t at = 0; at < bytes;) {
    unsigned width = bytes - at >= 8 && alloca.getAllocatedType()->isSized() &&
                             m.getDataLayout().getTypeAllocSize(alloca.getAllocatedType()) == 8
                         ? 8
                     : bytes - at >= 4 ? 4
                     : bytes - at >= 2 ? 2
                                       : 1;
    auto callee = m.getOrInsertFunction("kv_undefined", llvm::FunctionType::get(b.getInt64Ty(), false));
    llvm::CallInst* call = b.CreateCall(callee);
    call->setDoesNotAccessMemory();
    call->setDoesNotThrow();
    call->addFnAttr(llvm::Attribute::WillReturn);
    call->addFnAttr(llvm::Attribute::get(m.getContext(), "kv-name", variable.name));
    llvm::Value* value = b.CreateTrunc(call, b.getIntNTy(width * 8));
    llvm::StoreInst* store =
        b.CreateAlignedStore(value, b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), &alloca, at), llvm::Align(1));
    store->setMetadata(kNoInstrument, llvm::MDNode::get(m.getContext(), {}));
    at += width;
  }
}

void defineFirstValue(llvm::AllocaInst& alloca) {
  auto size = alloca.getAllocationSize(alloca.getDataLayout());
  if (!size || size->isScalable() || size->getFixedValue() > kMaxBytes)
    return;
  if (holdsParameter(alloca) || !staysInRegisters(alloca))
    return;
  std::vector<llvm::Instruction*> starts;
  for (llvm::User* user : alloca.users())
    if (auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(user))
      if (intrinsic->getIntrinsicID() == llvm::Intrinsic::lifetime_start)
        starts.push_back(intrinsic);
  Variable variable = variableOf(alloca, starts);
  if (variable.name.empty())
    return; // clang's own temporaries are written before they are read
  for (llvm::Instruction* start : starts)
    define(start->getNextNode(), alloca, size->getFixedValue(), variable);
}

} // namespace

void defineLocals(llvm::Module& module) {
  std::vector<llvm::AllocaInst*> allocas;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function))
      if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(&instruction); alloca && !alloca->getMetadata(kNoInstrument))
        allocas.push_back(alloca);
  for (llvm::AllocaInst* alloca : allocas)
    defineFirstValue(*alloca);
}

} // namespace kverify::simt::lower
