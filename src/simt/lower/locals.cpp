#include "simt/lower/locals.h"

#include <algorithm>
#include <set>
#include <utility>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include "frontend/ir/local_objects.h"
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
class LeavesObject {
public:
  LeavesObject(const llvm::AllocaInst& object, std::int64_t bytes) : layout_(object.getDataLayout()), bytes_(bytes) {
    found_ = through(object, 0);
  }
  explicit operator bool() const { return found_; }

private:
  bool outside(std::int64_t offset, std::uint64_t width) const {
    return offset < 0 || offset + static_cast<std::int64_t>(width) > bytes_;
  }

  bool through(const llvm::Value& pointer, std::int64_t offset) {
    return std::any_of(pointer.user_begin(), pointer.user_end(),
                       [&](const llvm::User* user) { return by(*user, pointer, offset); });
  }

  bool by(const llvm::User& user, const llvm::Value& pointer, std::int64_t offset) {
    if (auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(&user)) {
      llvm::APInt step(layout_.getIndexTypeSizeInBits(gep->getType()), 0);
      return gep->getPointerOperand() == &pointer && gep->accumulateConstantOffset(layout_, step) &&
             through(*gep, offset + step.getSExtValue());
    }
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&user))
      return outside(offset, layout_.getTypeStoreSize(load->getType()));
    if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&user))
      return store->getPointerOperand() == &pointer &&
             outside(offset, layout_.getTypeStoreSize(store->getValueOperand()->getType()));
    if (auto* transfer = llvm::dyn_cast<llvm::MemIntrinsic>(&user)) {
      auto* length = llvm::dyn_cast<llvm::ConstantInt>(transfer->getLength());
      return length && outside(offset, length->getZExtValue());
    }
    // One of several objects, perhaps, and round a loop at ever other offsets: each offset once, those near it.
    if (llvm::isa<llvm::PHINode, llvm::SelectInst>(user))
      return offset >= -kMaxStray && offset <= bytes_ + kMaxStray && seen_.insert({&user, offset}).second &&
             through(user, offset);
    return false;
  }

  static constexpr std::int64_t kMaxStray = 64;
  const llvm::DataLayout& layout_;
  std::int64_t bytes_;
  std::set<std::pair<const llvm::User*, std::int64_t>> seen_;
  bool found_ = false;
};

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
    Builder entry(frontend::afterAllocas(*alloca.getFunction()));
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
  // "acc.i.i12" is acc, inlined; "x.addr" is a parameter; the rest are clang's.
  llvm::StringRef name = alloca.getName().split('.').first;
  if (name == "agg" || name == "ref" || name == "tmp" || name == "retval" || name == "coerce")
    return "a temporary object";
  return name.empty() ? "a local array" : name.str();
}

std::vector<llvm::AllocaInst*> programLocals(llvm::Function& function) {
  std::vector<llvm::AllocaInst*> locals = frontend::localsOf(function);
  std::erase_if(locals, [](const llvm::AllocaInst* local) { return local->hasMetadata(kNoInstrument); });
  return locals;
}

void keepInMemory(llvm::AllocaInst& alloca) {
  if (std::any_of(alloca.user_begin(), alloca.user_end(), isKeep))
    return;
  llvm::Module& module = *alloca.getModule();
  Builder b(alloca.getNextNode());
  b.CreateCall(module.getOrInsertFunction(kKeep, llvm::FunctionType::get(b.getVoidTy(), {b.getPtrTy()}, false)), {&alloca});
}

void keepOutOfBounds(llvm::Function& function) {
  for (llvm::AllocaInst* alloca : programLocals(function))
    if (auto size = alloca->getAllocationSize(alloca->getDataLayout()); size && !size->isScalable())
      if (LeavesObject(*alloca, static_cast<std::int64_t>(size->getFixedValue())))
        keepInMemory(*alloca);
}

void instrumentLocals(llvm::Module& module, llvm::Function& function, unsigned granule_log2, Sites& sites,
                      bool precise) {
  for (llvm::AllocaInst* alloca : programLocals(function))
    instrumentOne(module, *alloca, granule_log2, sites, precise);
}

} // namespace kverify::simt::lower
