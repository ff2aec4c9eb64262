// Loops that run a small constant number of times and commit asynchronous copies, unrolled: how many groups follow a
// copy is then a matter of the path, which is what the model follows. (The filling of a pipeline's first stages.)
#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/OptimizationRemarkEmitter.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/Transforms/Utils/UnrollLoop.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

namespace {

constexpr unsigned kMostIterations = 8;

bool commits(const llvm::Loop& loop) {
  for (const llvm::BasicBlock* block : loop.blocks())
    for (const llvm::Instruction& instruction : *block)
      if (syncOf(instruction).kind == Sync::Kind::Commit)
        return true;
  return false;
}

} // namespace

bool unrollStages(llvm::Function& kernel, llvm::FunctionAnalysisManager& analyses) {
  auto& loops = analyses.getResult<llvm::LoopAnalysis>(kernel);
  auto& evolution = analyses.getResult<llvm::ScalarEvolutionAnalysis>(kernel);
  auto& dominators = analyses.getResult<llvm::DominatorTreeAnalysis>(kernel);
  auto& assumptions = analyses.getResult<llvm::AssumptionAnalysis>(kernel);
  auto& target = analyses.getResult<llvm::TargetIRAnalysis>(kernel);
  llvm::OptimizationRemarkEmitter remarks(&kernel);
  bool changed = false;
  auto preorder = loops.getLoopsInPreorder();        // has to live as long as what llvm::reverse makes of it
  for (llvm::Loop* loop : llvm::reverse(preorder)) { // inner ones first
    unsigned count = commits(*loop) ? evolution.getSmallConstantTripCount(loop) : 0;
    if (count == 0 || count > kMostIterations)
      continue;
    llvm::UnrollLoopOptions options{count, /*Force=*/true, false, false, false, true};
    changed = llvm::UnrollLoop(loop, options, &loops, &evolution, &dominators, &assumptions, &target, &remarks,
                               /*PreserveLCSSA=*/true) != llvm::LoopUnrollResult::Unmodified ||
              changed;
  }
  if (changed)
    analyses.invalidate(kernel, llvm::PreservedAnalyses::none());
  return changed;
}

} // namespace kverify::verifier
