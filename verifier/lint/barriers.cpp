// Barriers and warp operations that some of the threads they wait for may never reach.
// Complete for branches that visibly depend on the thread; a guess where a condition only looks thread-dependent (the
// prover decides), silent where it hides behind memory or a call that is not inlined.
#include <algorithm>
#include <utility>

#include <clang/AST/Decl.h>
#include <clang/AST/ExprCXX.h>
#include <fmt/format.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>

#include "verifier/lint/families.h"
#include "verifier/lint/launches.h"
#include "verifier/lint/sync_events.h"
#include "verifier/lint/uniform.h"

namespace kverify::verifier::lint {

namespace {

constexpr long long kAllLanes = 0xffffffffLL;

void tellBranch(LintFinding& finding, const LintContext& context, const KernelCode& kernel, const Divergence& why) {
  also(finding, context.placeOf(*why.branch, kernel), "not all threads go the same way here");
}

const llvm::Value* withoutCasts(const llvm::Value* value) {
  while (const auto* cast = llvm::dyn_cast<llvm::CastInst>(value))
    value = cast->getOperand(0);
  return value;
}

/// What is known of who launches a kernel.
struct Launches {
  std::vector<const KernelLaunch*> of_kernel;
  bool any() const { return !of_kernel.empty(); }
};

/// `if (threadIdx.x >= n) return;` where every launch in the file has exactly n threads in x: the branch goes one way.
bool letsAllThrough(const llvm::Instruction& branch, const KernelCode& kernel, const Launches& launches,
                    const LintContext& context) {
  const auto* compare = llvm::dyn_cast<llvm::ICmpInst>(branch.getOperand(0));
  if (!compare || !launches.any() || !kernel.decl || kernel.function->arg_size() != kernel.decl->getNumParams())
    return false;
  const llvm::Value *thread = withoutCasts(compare->getOperand(0)), *limit = withoutCasts(compare->getOperand(1));
  llvm::CmpInst::Predicate predicate = compare->getPredicate();
  if (registerRead(*thread) != "tid.x") {
    std::swap(thread, limit);
    predicate = llvm::CmpInst::getSwappedPredicate(predicate);
  }
  using P = llvm::CmpInst;
  bool splits_at_limit = predicate == P::ICMP_ULT || predicate == P::ICMP_SLT || predicate == P::ICMP_UGE || predicate == P::ICMP_SGE;
  if (registerRead(*thread) != "tid.x" || !splits_at_limit)
    return false;
  const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(limit);
  const auto* argument = llvm::dyn_cast<llvm::Argument>(limit);
  return std::all_of(launches.of_kernel.begin(), launches.of_kernel.end(), [&](const KernelLaunch* launch) {
    if (constant)
      return launch->block[0] && *launch->block[0] <= constant->getSExtValue();
    if (!argument || !launch->block_x || argument->getArgNo() >= launch->call->getNumArgs())
      return false;
    std::string threads = valueText(*launch->block_x, *launch->inside, context.ast());
    return !threads.empty() && threads == valueText(*launch->call->getArg(argument->getArgNo()), *launch->inside, context.ast());
  });
}

void findDivergentBarriers(const LintContext& context, Reporter& reporter) {
  std::vector<KernelLaunch> all = launchesOf(context);
  for (const KernelCode& kernel : context.kernels) {
    Launches launches;
    for (const KernelLaunch& one : all)
      if (one.kernel && kernel.decl && one.kernel->getCanonicalDecl() == kernel.decl->getCanonicalDecl())
        launches.of_kernel.push_back(&one);
    Uniformity uniform(*kernel.function);
    auto kept = [&](const llvm::BasicBlock* block) {
      const Divergence* outermost = nullptr;
      for (const Divergence& one : uniform.divergences())
        if (one.spread >= Spread::Warp && one.blocks.count(block) && (!outermost || one.blocks.size() > outermost->blocks.size()) &&
            !letsAllThrough(*one.branch, kernel, launches, context))
          outermost = &one;
      return outermost;
    };
    for (const llvm::Instruction& i : llvm::instructions(*kernel.function)) {
      Sync kind = syncOf(i);
      if (kind == Sync::NamedBarrier && uniform.keptFrom(i.getParent(), Spread::Warp))
        reporter.unknown(context.placeOf(i, kernel), "which threads a named barrier waits for is not followed");
      const Divergence* why = kind == Sync::BlockBarrier ? kept(i.getParent()) : nullptr;
      if (why)
        tellBranch(reporter.report(context.placeOf(i, kernel),
                                   launches.any() ? "a barrier of the whole block under a condition that depends on the thread"
                                                  : "a barrier of the whole block under a condition that depends on the thread; "
                                                    "no launch here says that all threads of a block pass it"),
                   context, kernel, *why);
    }
  }
}

/// Do lanes on the other side of the branch come to an operation of the same kind? They may then meet.
bool hasCounterpart(const llvm::Instruction& operation, const Divergence& why) {
  llvm::SmallPtrSet<const llvm::BasicBlock*, 4> sides;
  for (const llvm::BasicBlock* block : why.blocks)
    for (const llvm::Instruction& i : *block)
      if (syncOf(i) == syncOf(operation) && warpMaskOf(i) == warpMaskOf(operation))
        for (const llvm::BasicBlock* side : llvm::successors(why.branch->getParent()))
          if (side == block)
            sides.insert(side);
  return sides.size() > 1;
}

void findDivergentWarpOperations(const LintContext& context, Reporter& reporter) {
  for (const KernelCode& kernel : context.kernels) {
    Uniformity uniform(*kernel.function);
    for (const llvm::Instruction& i : llvm::instructions(*kernel.function)) {
      Sync kind = syncOf(i);
      if (kind != Sync::WarpExchange && kind != Sync::WarpSync)
        continue;
      const Divergence* why = uniform.keptFrom(i.getParent(), Spread::Lanes);
      long long mask = warpMaskOf(i);
      if (why && mask < 0)
        reporter.unknown(context.placeOf(i, kernel), "the mask is not a constant");
      if (why && hasCounterpart(i, *why)) {
        reporter.unknown(context.placeOf(i, kernel), "lanes on the other side may meet these");
        continue;
      }
      if (why && mask == kAllLanes)
        tellBranch(reporter.report(context.placeOf(i, kernel),
                                   "an operation of all 32 lanes under a condition that depends on the lane"),
                   context, kernel, *why);
    }
  }
}

void findNarrowMasks(const LintContext& context, Reporter& reporter) {
  for (const KernelCode& kernel : context.kernels) {
    Uniformity uniform(*kernel.function);
    for (const llvm::Instruction& i : llvm::instructions(*kernel.function)) {
      Sync kind = syncOf(i);
      if (kind != Sync::WarpExchange && kind != Sync::WarpSync)
        continue;
      long long mask = warpMaskOf(i);
      bool everyone = !uniform.keptFrom(i.getParent(), Spread::Lanes);
      bool short_block = kernel.info->max_threads != 0 && kernel.info->max_threads < 32;
      if (mask < 0 && everyone)
        reporter.unknown(context.placeOf(i, kernel), "the mask is not a constant");
      if (mask >= 0 && mask != kAllLanes && everyone && !short_block)
        reporter.report(context.placeOf(i, kernel),
                        fmt::format("the mask 0x{:x} leaves out lanes that come here too", mask));
    }
  }
}

} // namespace

std::vector<LintCheck> barrierChecks() {
  return {
      {.info = {"sync.divergent-barrier", "KV3001", "static", "__syncthreads() under a condition that depends on the thread",
                "threads that do not come leave the others waiting, or meet them at another barrier: a hang, or data that is "
                "read before it is written",
                "move the barrier out of the condition, and put the condition around the work instead; in place of an early "
                "return, let the threads without work run on to the barrier",
                "a suspicion: the condition is seen to depend on the thread, not that threads disagree; decided by "
                "barrier.divergent",
                Severity::Warning,
                "if (i < n) { s[t] = x[i]; __syncthreads(); }          wrong\n"
                "s[t] = i < n ? x[i] : 0.0f; __syncthreads();          right"},
       .run = findDivergentBarriers,
       .decided_by = {"barrier.divergent"}},
      {.info = {"sync.divergent-warp-operation", "KV3002", "static",
                "a warp operation of all lanes under a condition that depends on the lane",
                "lanes that the mask names and that do not come: the result is undefined, or the warp hangs",
                "do the exchange outside of the condition, with a neutral value for the lanes without one; or compute the mask "
                "before the branch: __ballot_sync(0xffffffff, condition)",
                "a suspicion: that a warp splits at the condition is not shown; whole rows of threads are taken for whole "
                "warps",
                Severity::Warning,
                "if (i < n) v += __shfl_down_sync(0xffffffff, v, 16);  wrong\n"
                "v = i < n ? v : 0.0f;\n"
                "v += __shfl_down_sync(0xffffffff, v, 16);             right"},
       .run = findDivergentWarpOperations,
       .decided_by = {"warp.divergent"}},
      {.info = {"sync.shuffle-mask", "KV3004", "static", "the mask of a warp operation leaves out lanes that execute it",
                "a lane that executes a warp operation must be in its mask: otherwise its result is undefined",
                "name all lanes that come: 0xffffffff where the whole warp does",
                "a suspicion: blocks of less than a warp are not known here unless __launch_bounds__ says so",
                Severity::Warning,
                "v += __shfl_down_sync(0xffff, v, 8);                  wrong, when all 32 lanes come here\n"
                "v += __shfl_down_sync(0xffffffff, v, 8, 16);          right"},
       .run = findNarrowMasks,
       .decided_by = {"warp.divergent"}},
  };
}

} // namespace kverify::verifier::lint
