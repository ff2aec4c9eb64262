#include "frontend/ir/promotion.h"

#include <algorithm>
#include <vector>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/ValueHandle.h>

#include "frontend/ir/local_objects.h"

namespace kverify::frontend {
namespace {

bool hasPointer(const llvm::Type* type) {
  return type->isPointerTy() || std::any_of(type->subtype_begin(), type->subtype_end(), hasPointer);
}

/// While it exists, only variables that have pointers in them are promoted: the others are given to a function.
class PointersOnly {
public:
  explicit PointersOnly(llvm::Function& function) {
    llvm::Module& module = *function.getParent();
    llvm::Type* nothing = llvm::Type::getVoidTy(module.getContext());
    for (llvm::AllocaInst* local : localsOf(function)) {
      if (hasPointer(local->getAllocatedType()))
        continue;
      llvm::IRBuilder<> build(local->getNextNode());
      llvm::FunctionCallee hold = module.getOrInsertFunction(
          "kv.hold." + std::to_string(local->getAddressSpace()), llvm::FunctionType::get(nothing, {local->getType()}, false));
      holds_.emplace_back(build.CreateCall(hold, {local}));
    }
  }
  ~PointersOnly() {
    for (llvm::WeakTrackingVH& hold : holds_)
      if (hold)
        llvm::cast<llvm::Instruction>(hold)->eraseFromParent();
  }
  PointersOnly(const PointersOnly&) = delete;
  PointersOnly& operator=(const PointersOnly&) = delete;

private:
  std::vector<llvm::WeakTrackingVH> holds_;
};

} // namespace

Promotion::Promotion(std::function<void(llvm::Function&)> guard, const std::string& cleaning) : guard_(std::move(guard)) {
  auto add = [&](llvm::FunctionPassManager& manager, const std::string& pipeline) {
    cantFail(passes_.builder().parsePassPipeline(manager, pipeline));
  };
  add(scalars_, "mem2reg");
  add(objects_, cleaning.empty() ? "sroa" : "sroa," + cleaning);
}

void Promotion::apply(llvm::FunctionPassManager& manager, llvm::Function& function) {
  manager.run(function, passes_.functions());
  passes_.functions().clear(function, function.getName()); // the guard may change it
}

void Promotion::run(llvm::Function& function) {
  if (guard_) {
    apply(scalars_, function);
    guard_(function);
    std::vector<llvm::AllocaInst*> locals = localsOf(function);
    if (std::any_of(locals.begin(), locals.end(), [](const auto* local) { return hasPointer(local->getAllocatedType()); })) {
      {
        PointersOnly others_stay(function);
        apply(objects_, function);
      }
      apply(scalars_, function);
      guard_(function);
    }
  }
  apply(objects_, function);
}

} // namespace kverify::frontend
