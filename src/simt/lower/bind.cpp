#include <cstddef>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>

#include "simt/lower/lower.h"
#include "simt/runtime/abi.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;

void guarded(llvm::Module& m, llvm::CallInst& call, const std::string& report_name, std::uint32_t site) {
  // kv_divide_by_zero_if(condition, more): a branch around the report, which gets what is more.
  llvm::BasicBlock* block = call.getParent();
  llvm::BasicBlock* rest = block->splitBasicBlock(&call);
  llvm::BasicBlock* report = llvm::BasicBlock::Create(m.getContext(), "", block->getParent(), rest);
  block->getTerminator()->eraseFromParent();
  Builder b(block);
  b.SetCurrentDebugLocation(call.getDebugLoc());
  b.CreateCondBr(call.getArgOperand(0), report, rest);
  b.SetInsertPoint(report);
  std::vector<llvm::Value*> arguments{contextOf(b, m), b.getInt32(site)};
  arguments.insert(arguments.end(), call.arg_begin() + 1, call.arg_end());
  std::vector<llvm::Type*> types;
  for (llvm::Value* argument : arguments)
    types.push_back(argument->getType());
  auto callee = m.getOrInsertFunction("kv_rt_" + report_name, llvm::FunctionType::get(b.getVoidTy(), types, false));
  b.CreateCall(callee, arguments);
  b.CreateBr(rest);
  call.eraseFromParent();
}

void bind(llvm::Module& m, llvm::CallInst& call, Sites& sites) {
  std::string name = call.getCalledFunction()->getName().str().substr(3);
  std::uint32_t site = sites.add(call, name);
  if (llvm::Attribute variable = call.getFnAttr("kv-name"); variable.isValid())
    sites.nameObject(site, variable.getValueAsString().str());
  Builder b(&call);
  if (name == "lane_id") {
    llvm::Value* address =
        b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), contextOf(b, m), offsetof(abi::ThreadContext, lane));
    call.replaceAllUsesWith(b.CreateLoad(b.getInt32Ty(), address));
    call.eraseFromParent();
    return;
  }
  if (llvm::StringRef report = name; report.consume_back("_if"))
    return guarded(m, call, report.str(), site);
  std::vector<llvm::Value*> arguments{contextOf(b, m), b.getInt32(site)};
  std::vector<llvm::Type*> types{b.getPtrTy(), b.getInt32Ty()};
  for (llvm::Value* argument : call.args()) {
    arguments.push_back(argument);
    types.push_back(argument->getType());
  }
  auto callee = m.getOrInsertFunction("kv_rt_" + name, llvm::FunctionType::get(call.getType(), types, false));
  llvm::CallInst* bound = b.CreateCall(callee, arguments);
  call.replaceAllUsesWith(bound);
  call.eraseFromParent();
}

bool isRuntimeCall(const llvm::CallInst& call) {
  const llvm::Function* callee = call.getCalledFunction();
  if (!callee || !callee->isDeclaration())
    return false;
  llvm::StringRef name = callee->getName();
  static constexpr const char* own[] = {"kv_rt_",  "kv_host_", "kv_check", "kv_mark_local",
                                        "kv_fuel", "kv_half_", "kv_math_",   "kv_sh_"};
  for (const char* prefix : own)
    if (name.starts_with(prefix))
      return false;
  static constexpr const char* bound[] = {"kv_unsupported",
                                          "kv_lane_id",
                                          "kv_warp_op",
                                          "kv_barrier",
                                          "kv_barrier_arrive",
                                          "kv_barrier_reduce",
                                          "kv_syncwarp",
                                          "kv_shfl",
                                          "kv_shfl_shadow",
                                          "kv_vote",
                                          "kv_match",
                                          "kv_activemask",
                                          "kv_redux",
                                          "kv_fence",
                                          "kv_clock",
                                          "kv_trap",
                                          "kv_trap_because",
                                          "kv_exit",
                                          "kv_async_copy",
                                          "kv_async_commit",
                                          "kv_async_wait",
                                          "kv_vprintf",
                                          "kv_assertfail",
                                          "kv_divide_by_zero_if",
                                          "kv_annotation_if",
                                          "kv_leaves_type_if",
                                          "kv_bad_shift_if",
                                          "kv_undefined"};
  for (const char* each : bound)
    if (name == each)
      return true;
  return false;
}

/// A function that was not inlined asks the host who is running.
llvm::Value* currentContext(Builder& b, llvm::Module& m) {
  return b.CreateCall(m.getOrInsertFunction("kv_rt_context", llvm::FunctionType::get(b.getPtrTy(), false)));
}

void replaceIn(llvm::Module& m, llvm::Function& function, const SiteTable& table) {
  std::vector<llvm::CallInst*> contexts, objects, pointers;
  for (llvm::Instruction& instruction : llvm::instructions(function)) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    if (!call || !call->getCalledFunction())
      continue;
    llvm::StringRef name = call->getCalledFunction()->getName();
    if (name == kContextName)
      contexts.push_back(call);
    else if (name.starts_with(kObjectPrefix))
      objects.push_back(call);
    else if (name == "kv.shared.pointer")
      pointers.push_back(call);
  }
  if (contexts.empty() && objects.empty() && pointers.empty())
    return;
  Builder head(&*function.getEntryBlock().getFirstInsertionPt());
  bool is_entry = function.getName().starts_with("kv_entry_");
  llvm::Value* context = is_entry ? static_cast<llvm::Value*>(function.getArg(0)) : currentContext(head, m);
  llvm::LoadInst* arena = head.CreateLoad(
      head.getPtrTy(), head.CreateConstInBoundsGEP1_64(head.getInt8Ty(), context, offsetof(abi::ThreadContext, arena)));
  arena->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(m.getContext(), {}));
  for (llvm::CallInst* call : contexts) { // after the load: the first of them may be where `head` inserts
    call->replaceAllUsesWith(context);
    call->eraseFromParent();
  }
  for (llvm::CallInst* call : objects) {
    unsigned index = 0;
    call->getCalledFunction()->getName().substr(std::char_traits<char>::length(kObjectPrefix)).getAsInteger(10, index);
    Builder b(call);
    call->replaceAllUsesWith(b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), arena, table.objects[index].offset));
    call->eraseFromParent();
  }
  for (llvm::CallInst* call : pointers) {
    Builder b(call);
    call->replaceAllUsesWith(b.CreateIntToPtr(call->getArgOperand(0), b.getPtrTy()));
    call->eraseFromParent();
  }
}

} // namespace

void bindRuntime(llvm::Module& module, Sites& sites) {
  std::vector<llvm::CallInst*> calls;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function))
      if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction); call && isRuntimeCall(*call))
        calls.push_back(call);
  for (llvm::CallInst* call : calls)
    bind(module, *call, sites);
}

void finish(llvm::Module& module, const SiteTable& table) {
  for (llvm::Function& function : module)
    if (!function.isDeclaration())
      replaceIn(module, function, table);
}

} // namespace kverify::simt::lower
