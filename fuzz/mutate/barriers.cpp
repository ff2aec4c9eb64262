// Barriers, and waiting for asynchronous copies.
#include <fmt/format.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/IntrinsicInst.h>

#include "fuzz/mutate/sites.h"

namespace kverify::mutate {
namespace {

bool isBarrier(const llvm::CallInst& call) {
  if (const auto* text = llvm::dyn_cast<llvm::InlineAsm>(call.getCalledOperand())) {
    std::string_view code = text->getAsmString();
    return code.find("bar.sync") != code.npos || code.find("barrier.sync") != code.npos ||
           code.find("bar.warp.sync") != code.npos;
  }
  std::string full = calleeOf(call), name = calleeName(call);
  if (full.starts_with("llvm.nvvm."))
    return full.starts_with("llvm.nvvm.barrier") || full.starts_with("llvm.nvvm.bar.");
  if (name == "__syncthreads" || name == "__syncwarp")
    return true;
  return full.find("cooperative_groups::") != full.npos && (name == "sync" || name == "synchronize");
}

void removeCall(Operator op, llvm::CallInst& call, std::string change, Sites& sites) {
  if (call.getType()->isVoidTy())
    sites.add(op, call, std::move(change), [&call] { call.eraseFromParent(); });
}

/// `argument`: how many groups may still be on their way.
void waitForOneLess(llvm::CallInst& call, unsigned argument, Sites& sites) {
  auto* count = llvm::dyn_cast<llvm::ConstantInt>(call.getArgOperand(argument));
  if (!count)
    return;
  std::uint64_t now = count->getZExtValue();
  sites.add(Operator::WaitCount, call, fmt::format("waits until {} groups are left became {}", now, now + 1),
            [&call, argument, count, now] {
              call.setArgOperand(argument, llvm::ConstantInt::get(count->getType(), now + 1));
            });
}

void waits(llvm::CallInst& call, Sites& sites) {
  std::string code = calleeOf(call);
  if (const auto* text = llvm::dyn_cast<llvm::InlineAsm>(call.getCalledOperand()))
    code = text->getAsmString();
  bool is_all = code.find("cp.async.wait_all") != code.npos || code.find("cp.async.wait.all") != code.npos;
  bool is_some = code.find("cp.async.wait_group") != code.npos || code.find("cp.async.wait.group") != code.npos ||
                 calleeName(call) == "__pipeline_wait_prior";
  if (is_all)
    return removeCall(Operator::WaitCount, call, "does not wait for asynchronous copies", sites);
  if (is_some && call.arg_size() == 1)
    waitForOneLess(call, 0, sites);
  else if (is_some)
    removeCall(Operator::WaitCount, call, "does not wait for asynchronous copies", sites);
}

} // namespace

void barriers(llvm::Instruction& at, Sites& sites) {
  auto* call = llvm::dyn_cast<llvm::CallInst>(&at);
  if (!call)
    return;
  if (isBarrier(*call))
    removeCall(Operator::BarrierRemoved, *call, "the barrier is gone", sites);
  waits(*call, sites);
}

} // namespace kverify::mutate
