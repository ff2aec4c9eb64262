#include "simt/lower/locals.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include "simt/runtime/abi.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;
constexpr std::uint64_t kRedZone = 64;
constexpr const char* kKeep = "kv.keep";

void mark(Builder& b, llvm::Module& m, llvm::Value* array, std::uint64_t bytes, std::uint32_t word,
          unsigned granule_log2) {
  llvm::Type* i64 = b.getInt64Ty();
  auto callee = m.getOrInsertFunction(
      "kv_mark_local",
      llvm::FunctionType::get(b.getVoidTy(), {b.getPtrTy(), i64, i64, b.getInt32Ty(), b.getInt32Ty()}, false));
  b.CreateCall(callee, {contextOf(b, m), b.CreatePtrToInt(array, i64), b.getInt64(bytes), b.getInt32(word),
                        b.getInt32(granule_log2)});
}

void tell(Builder& b, llvm::Module& m, llvm::Value* array, std::uint64_t bytes, std::uint32_t site) {
  llvm::Type* i64 = b.getInt64Ty();
  auto callee = m.getOrInsertFunction(
      "kv_host_local", llvm::FunctionType::get(b.getVoidTy(), {b.getPtrTy(), i64, i64, b.getInt32Ty()}, false));
  b.CreateCall(callee, {contextOf(b, m), b.CreatePtrToInt(array, i64), b.getInt64(bytes), b.getInt32(site)});
}

bool isKeep(const llvm::User* user) {
  auto* call = llvm::dyn_cast<llvm::CallInst>(user);
  return call && call->getCalledFunction() && call->getCalledFunction()->getName() == kKeep;
}

/// A constant access through `pointer`, `offset` bytes into an object of `bytes`, that is outside of it.
bool leavesObject(const llvm::Value& pointer, std::int64_t offset, std::int64_t bytes, const llvm::DataLayout& layout) {
  auto outside = [&](std::uint64_t width) { return offset < 0 || offset + static_cast<std::int64_t>(width) > bytes; };
  for (const llvm::User* user : pointer.users()) {
    if (auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(user)) {
      llvm::APInt step(layout.getIndexTypeSizeInBits(gep->getType()), 0);
      if (gep->getPointerOperand() == &pointer && gep->accumulateConstantOffset(layout, step) &&
          leavesObject(*gep, offset + step.getSExtValue(), bytes, layout))
        return true;
    } else if (auto* load = llvm::dyn_cast<llvm::LoadInst>(user)) {
      if (outside(layout.getTypeStoreSize(load->getType())))
        return true;
    } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(user)) {
      if (store->getPointerOperand() == &pointer &&
          outside(layout.getTypeStoreSize(store->getValueOperand()->getType())))
        return true;
    } else if (auto* transfer = llvm::dyn_cast<llvm::MemIntrinsic>(user)) {
      auto* length = llvm::dyn_cast<llvm::ConstantInt>(transfer->getLength());
      if (length && outside(length->getZExtValue()))
        return true;
    }
  }
  return false;
}

void instrumentOne(llvm::Module& m, llvm::AllocaInst& alloca, unsigned granule_log2, Sites& sites, bool precise) {
  const llvm::DataLayout& layout = m.getDataLayout();
  std::vector<llvm::CallInst*> keeps;
  for (llvm::User* user : alloca.users())
    if (isKeep(user))
      keeps.push_back(llvm::cast<llvm::CallInst>(user));
  for (llvm::CallInst* keep : keeps)
    keep->eraseFromParent();
  auto size = alloca.getAllocationSize(layout);
  if (!size || size->isScalable())
    return;
  std::uint64_t bytes = size->getFixedValue();
  std::uint64_t align = std::max<std::uint64_t>(alloca.getAlign().value(), 16);
  std::uint64_t zone = (kRedZone + align - 1) / align * align;
  std::uint32_t site = sites.add(alloca, variableName(alloca));

  std::vector<llvm::IntrinsicInst*> starts, ends;
  for (llvm::User* user : alloca.users())
    if (auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(user)) {
      if (intrinsic->getIntrinsicID() == llvm::Intrinsic::lifetime_start)
        starts.push_back(intrinsic);
      if (intrinsic->getIntrinsicID() == llvm::Intrinsic::lifetime_end)
        ends.push_back(intrinsic);
    }
  Builder b(&alloca);
  auto* padded = b.CreateAlloca(llvm::ArrayType::get(b.getInt8Ty(), (bytes + 2 * zone + align - 1) / align * align));
  padded->setAlignment(llvm::Align(align));
  llvm::Value* array = b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), padded, zone);
  auto begin = [&](Builder& at) {
    mark(at, m, array, bytes, abi::kUninitialised, granule_log2);
    if (precise)
      tell(at, m, array, bytes, site);
  };
  if (starts.empty()) {
    Builder entry(afterAllocas(*alloca.getFunction()));
    begin(entry);
  }
  for (llvm::IntrinsicInst* start : starts) {
    Builder at(start);
    begin(at);
    start->eraseFromParent();
  }
  for (llvm::IntrinsicInst* end : ends) { // a pointer to it that is still around must not be used
    Builder at(end);
    mark(at, m, array, bytes, abi::kUnallocated, granule_log2);
    end->eraseFromParent();
  }
  alloca.replaceAllUsesWith(array);
  // The next function to use this piece of stack must not find a stale object there.
  for (llvm::BasicBlock& block : *padded->getFunction())
    if (auto* ret = llvm::dyn_cast<llvm::ReturnInst>(block.getTerminator())) {
      Builder at(ret);
      mark(at, m, array, bytes, abi::kUnallocated, granule_log2);
    }
  alloca.eraseFromParent();
}

} // namespace

std::string variableName(const llvm::Instruction& alloca) {
  // "acc.i.i12" is acc, inlined; "x.addr" is a parameter.
  llvm::StringRef name = alloca.getName().split('.').first;
  return name.empty() ? "a local array" : name.str();
}

llvm::Instruction* afterAllocas(llvm::Function& function) {
  llvm::BasicBlock& entry = function.getEntryBlock();
  llvm::Instruction* at = &*entry.getFirstInsertionPt();
  for (llvm::Instruction& instruction : entry)
    if (llvm::isa<llvm::AllocaInst>(instruction))
      at = instruction.getNextNode();
  // The padded array's address is computed right behind its alloca; stay behind that too.
  while (llvm::isa<llvm::AllocaInst, llvm::GetElementPtrInst>(at))
    at = at->getNextNode();
  return at;
}

void keepOutOfBounds(llvm::Function& function) {
  llvm::Module& module = *function.getParent();
  const llvm::DataLayout& layout = module.getDataLayout();
  std::vector<llvm::AllocaInst*> kept;
  for (llvm::Instruction& instruction : llvm::instructions(function))
    if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(&instruction); alloca && !alloca->getMetadata(kNoInstrument))
      if (auto size = alloca->getAllocationSize(layout); size && !size->isScalable())
        if (leavesObject(*alloca, 0, static_cast<std::int64_t>(size->getFixedValue()), layout))
          kept.push_back(alloca);
  for (llvm::AllocaInst* alloca : kept) {
    Builder b(alloca->getNextNode());
    b.CreateCall(module.getOrInsertFunction(kKeep, llvm::FunctionType::get(b.getVoidTy(), {b.getPtrTy()}, false)),
                 {alloca});
  }
}

void instrumentLocals(llvm::Module& module, llvm::Function& function, unsigned granule_log2, Sites& sites,
                      bool precise) {
  std::vector<llvm::AllocaInst*> arrays;
  for (llvm::Instruction& instruction : llvm::instructions(function))
    if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(&instruction); alloca && !alloca->getMetadata(kNoInstrument))
      arrays.push_back(alloca);
  for (llvm::AllocaInst* alloca : arrays)
    instrumentOne(module, *alloca, granule_log2, sites, precise);
}

} // namespace kverify::simt::lower
