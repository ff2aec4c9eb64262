// The part of shared memory that belongs to the system: cooperative groups of the toolkit keep their scratch there and
// find it through a special register of PTX (details/memory.h: "at least 288 bytes" at %reserved_smem_offset_1).
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>

#include "simt/lower/lower.h"

namespace kverify::simt::lower {
namespace {

constexpr unsigned kAddressShared = 3;
constexpr unsigned kReservedBytes = 1024; // a block, from compute capability 8.0 on (CUDA programming guide)

bool asksForReserved(const llvm::Instruction& instruction) {
  const auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
  const auto* code = call ? llvm::dyn_cast<llvm::InlineAsm>(call->getCalledOperand()) : nullptr;
  return code && llvm::StringRef(code->getAsmString()).contains("reserved_smem_offset_1");
}

bool anyAsks(llvm::Module& module) {
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function))
      if (asksForReserved(instruction))
        return true;
  return false;
}

} // namespace

void reserveShared(llvm::Module& module) {
  if (!anyAsks(module))
    return;
  llvm::LLVMContext& context = module.getContext();
  auto* bytes = llvm::ArrayType::get(llvm::Type::getInt8Ty(context), kReservedBytes);
  auto* memory =
      new llvm::GlobalVariable(module, bytes, false, llvm::GlobalValue::InternalLinkage, llvm::UndefValue::get(bytes),
                               "reserved shared memory", nullptr, llvm::GlobalValue::NotThreadLocal, kAddressShared);
  memory->setAlignment(llvm::Align(16));
  auto* type = llvm::FunctionType::get(llvm::Type::getInt32Ty(context), false);
  auto* function = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, kReservedSharedName, module);
  function->addFnAttr(llvm::Attribute::AlwaysInline);
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "", function));
  b.CreateRet(b.CreatePtrToInt(memory, b.getInt32Ty()));
}

} // namespace kverify::simt::lower
