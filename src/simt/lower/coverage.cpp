// Counts what a run covers, at the price of a load and a store at a branch and one addition an iteration.
//
// A branch sets one byte, chosen by its condition: no block is split, so an optimiser may still turn it into a select. The
// branch of a loop that has one exit sets nothing: what it did follows from the class of its trips, which is set where
// the loop is left. Loops whose number of trips is a constant tell nothing and cost nothing.
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <llvm/ADT/MapVector.h>
#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include "simt/lower/lower.h"
#include "simt/runtime/abi.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;
using Points = CoverageMap::Points;

constexpr const char* kOfSource = "kv.branch";

bool endsInTrap(const llvm::BasicBlock& block) {
  if (llvm::isa<llvm::UnreachableInst>(block.getTerminator()))
    return true;
  return llvm::any_of(block, [](const llvm::Instruction& instruction) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    llvm::StringRef name = call && call->getCalledFunction() ? call->getCalledFunction()->getName() : "";
    return name == "kv_trap" || name == "kv_trap_because" || name == "kv_assertfail" || name == "kv_unsupported";
  });
}

/// Is the loop left before its body, so that it may go round 0 times? A block that is a whole loop is left behind it.
bool isLeftAtItsStart(const llvm::Loop& loop) {
  return loop.isLoopExiting(loop.getHeader()) && !loop.isLoopLatch(loop.getHeader());
}

/// The successors that can be reached at all, by index: not those behind a constant condition.
std::vector<unsigned> openWays(const llvm::Instruction& end) {
  std::vector<unsigned> ways;
  for (unsigned i = 0; i < end.getNumSuccessors(); ++i)
    ways.push_back(i);
  if (auto* branch = llvm::dyn_cast<llvm::BranchInst>(&end); branch && branch->isConditional())
    if (auto* condition = llvm::dyn_cast<llvm::ConstantInt>(branch->getCondition()))
      return {condition->isZero() ? 1u : 0u};
  if (auto* choice = llvm::dyn_cast<llvm::SwitchInst>(&end))
    if (auto* condition = llvm::dyn_cast<llvm::ConstantInt>(choice->getCondition()))
      return {choice->findCaseValue(condition)->getSuccessorIndex()};
  return ways;
}

struct Numbers {
  std::map<const llvm::BasicBlock*, std::uint32_t> blocks;
  std::map<const llvm::DILocation*, std::uint32_t> places;
};

/// Instruments one function. The map of its blocks is made before anything is changed.
class CoverageOf {
public:
  CoverageOf(llvm::Function& function, CoverageMap& map, Numbers& numbers)
      : f_(function), m_(*function.getParent()), map_(map), numbers_(numbers), info_(library_, &f_), cache_(f_),
        dominators_(f_), loops_(dominators_), evolution_(f_, info_, cache_, dominators_, loops_) {}

  /// Gives every block that can be reached its number.
  void number() {
    std::vector<llvm::BasicBlock*> open{&f_.getEntryBlock()};
    while (!open.empty()) {
      llvm::BasicBlock* block = open.back();
      open.pop_back();
      if (!numbers_.blocks.emplace(block, static_cast<std::uint32_t>(numbers_.blocks.size())).second)
        continue;
      reached_.push_back(block);
      for (unsigned way : openWays(*block->getTerminator()))
        open.push_back(block->getTerminator()->getSuccessor(way));
    }
  }

  void plan() {
    for (llvm::Loop* loop : loops_.getLoopsInPreorder())
      if (numbers_.blocks.contains(loop->getHeader()))
        planLoop(*loop);
    for (llvm::BasicBlock* block : reached_)
      planBranch(*block);
  }

  /// Once all blocks of all functions have their numbers.
  void describe() {
    for (llvm::BasicBlock* block : reached_) {
      CoverageMap::Block& out = map_.blocks[numbers_.blocks.at(block)];
      out.ends_in_trap = endsInTrap(*block);
      for (const llvm::Instruction& instruction : *block) {
        addPlace(instruction, out);
        auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
        const llvm::Function* callee = call ? call->getCalledFunction() : nullptr;
        if (callee && !callee->isDeclaration())
          out.next.push_back({numbers_.blocks.at(&callee->getEntryBlock()), {}});
      }
      const llvm::Instruction& end = *block->getTerminator();
      for (unsigned way : openWays(end)) {
        auto taken = taken_.find({block, way});
        out.next.push_back({numbers_.blocks.at(end.getSuccessor(way)), taken == taken_.end() ? Points{} : taken->second});
      }
    }
  }

  void instrument() {
    for (auto& [block, first] : branches_)
      mark(*block->getTerminator(), first);
    for (auto& [loop, first] : counted_)
      count(*loop, first);
    for (auto& [way, loops] : exits_)
      leave(*way.first, way.second, loops);
  }

private:
  using Way = std::pair<llvm::BasicBlock*, unsigned>;

  /// Does the way leave the loop?
  static bool leaves(const llvm::Loop& loop, const llvm::Instruction& end, unsigned way) {
    return !loop.contains(end.getSuccessor(way));
  }

  void planLoop(llvm::Loop& loop) {
    llvm::BasicBlock* only = loop.getExitingBlock();
    // A block that leaves an inner and an outer loop at once belongs to the inner one.
    if (only && loops_.getLoopFor(only) != &loop)
      only = nullptr;
    if (only && evolution_.getSmallConstantTripCount(&loop) != 0) {
      told_.insert(only);
      return;
    }
    llvm::SmallVector<llvm::BasicBlock*, 4> exiting;
    loop.getExitingBlocks(exiting);
    if (exiting.empty())
      return; // left by a trap only
    const std::uint32_t first = map_.points;
    map_.points += kTripClasses;
    counted_.push_back({&loop, first});
    map_.loops.push_back({stackOf(loop.getStartLoc().get()), first});
    for (llvm::BasicBlock* block : exiting)
      for (unsigned way = 0; way < block->getTerminator()->getNumSuccessors(); ++way)
        if (leaves(loop, *block->getTerminator(), way))
          exits_[{block, way}].push_back(&loop);
    auto* branch = only ? llvm::dyn_cast<llvm::BranchInst>(only->getTerminator()) : nullptr;
    if (!branch)
      return;
    told_.insert(only);
    // Staying means at least one trip where the loop is left before its body, and at least two where behind it.
    const std::uint32_t fewest = isLeftAtItsStart(loop) ? 0 : 1;
    for (unsigned way = 0; way < 2; ++way)
      taken_[{only, way}] = leaves(loop, *branch, way) ? Points{first, kTripClasses}
                                                       : Points{first + fewest, kTripClasses - 1 - fewest};
  }

  void planBranch(llvm::BasicBlock& block) {
    const llvm::Instruction& end = *block.getTerminator();
    if (end.getNumSuccessors() < 2 || told_.contains(&block) || openWays(end).size() < 2)
      return;
    const std::uint32_t first = map_.points;
    map_.points += end.getNumSuccessors();
    branches_.push_back({&block, first});
    const bool of_source = end.getMetadata(kOfSource) != nullptr;
    for (unsigned way = 0; way < end.getNumSuccessors(); ++way) {
      const std::uint32_t point = first + pointOf(end, way);
      taken_[{&block, way}] = {point, 1};
      if (of_source)
        map_.ways.push_back({stackOf(end.getDebugLoc().get()), whenText(end, way), point, endsInTrap(*end.getSuccessor(way))});
    }
  }

  /// A branch's condition is its point: 1 for true. A switch counts its successors.
  static std::uint32_t pointOf(const llvm::Instruction& end, unsigned way) {
    return llvm::isa<llvm::BranchInst>(end) ? 1 - way : way;
  }

  static std::string whenText(const llvm::Instruction& end, unsigned way) {
    if (llvm::isa<llvm::BranchInst>(end))
      return way == 0 ? "true" : "false";
    if (auto* choice = llvm::dyn_cast<llvm::SwitchInst>(&end); choice && way > 0)
      for (auto& each : choice->cases())
        if (each.getSuccessorIndex() == way)
          return "case " + std::to_string(each.getCaseValue()->getSExtValue());
    return "default";
  }

  void addPlace(const llvm::Instruction& instruction, CoverageMap::Block& block) {
    const llvm::DILocation* at = instruction.getDebugLoc().get();
    if (!at || at->getLine() == 0)
      return;
    auto [place, is_new] = numbers_.places.try_emplace(at, static_cast<std::uint32_t>(map_.places.size()));
    if (is_new)
      map_.places.push_back(stackOf(at));
    if (std::find(block.places.begin(), block.places.end(), place->second) == block.places.end())
      block.places.push_back(place->second);
  }

  llvm::Instruction* own(llvm::Instruction* instruction) {
    instruction->setMetadata(kNoInstrument, llvm::MDNode::get(m_.getContext(), {}));
    return instruction;
  }

  /// coverage[point] = 1
  void set(Builder& b, llvm::Value* point) {
    llvm::LoadInst* bytes = b.CreateLoad(b.getPtrTy(), b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), contextOf(b, m_),
                                                                                 offsetof(abi::ThreadContext, coverage)));
    bytes->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(m_.getContext(), {}));
    own(bytes);
    own(b.CreateStore(b.getInt8(1), b.CreateInBoundsGEP(b.getInt8Ty(), bytes, {point})));
  }

  void mark(llvm::Instruction& end, std::uint32_t first) {
    if (auto* branch = llvm::dyn_cast<llvm::BranchInst>(&end)) {
      Builder b(branch);
      set(b, b.CreateAdd(b.CreateZExt(branch->getCondition(), b.getInt64Ty()), b.getInt64(first)));
      return;
    }
    auto* choice = llvm::dyn_cast<llvm::SwitchInst>(&end);
    if (!choice)
      return;
    Builder b(choice);
    llvm::Value* point = b.getInt64(first);
    for (auto& each : choice->cases())
      point = b.CreateSelect(b.CreateICmpEQ(choice->getCondition(), each.getCaseValue()),
                             b.getInt64(first + each.getSuccessorIndex()), point);
    set(b, point);
  }

  /// How often the loop went round so far: a register of its own, which an optimiser merges with the loop's own counter.
  void count(llvm::Loop& loop, std::uint32_t first) {
    llvm::BasicBlock* header = loop.getHeader();
    Builder b(header, header->begin());
    llvm::PHINode* rounds = b.CreatePHI(b.getInt32Ty(), 2, "kv.rounds");
    std::map<llvm::BasicBlock*, llvm::Value*> more; // a switch may come from one block twice
    for (llvm::BasicBlock* from : llvm::predecessors(header)) {
      llvm::Value*& value = more[from];
      if (!value && loop.contains(from))
        value = Builder(from->getTerminator()).CreateAdd(rounds, b.getInt32(1));
      rounds->addIncoming(value ? value : value = b.getInt32(0), from);
    }
    // A loop that is left at its end has gone round once more than it came back.
    rounds_[&loop] = {rounds, first, isLeftAtItsStart(loop)};
  }

  void leave(llvm::BasicBlock& from, unsigned way, const std::vector<llvm::Loop*>& loops) {
    if (endsInTrap(*from.getTerminator()->getSuccessor(way)))
      return;
    llvm::BasicBlock* to = from.getTerminator()->getSuccessor(way);
    if (!to->getSinglePredecessor())
      to = llvm::SplitCriticalEdge(from.getTerminator(), way);
    if (!to)
      return;
    Builder b(to, to->getFirstInsertionPt());
    for (llvm::Loop* loop : loops) {
      const Rounds& rounds = rounds_.at(loop);
      llvm::Value* before = rounds.at_start ? b.CreateSub(rounds.phi, b.getInt32(1)) : static_cast<llvm::Value*>(rounds.phi);
      llvm::Value* zeros = b.CreateBinaryIntrinsic(llvm::Intrinsic::ctlz, before, b.getFalse());
      set(b, b.CreateZExt(b.CreateSub(b.getInt32(rounds.first + 32), zeros), b.getInt64Ty()));
    }
  }

  struct Rounds {
    llvm::PHINode* phi = nullptr;
    std::uint32_t first = 0;
    bool at_start = false; ///< left before its body: may go round 0 times
  };

  llvm::Function& f_;
  llvm::Module& m_;
  CoverageMap& map_;
  Numbers& numbers_;
  llvm::TargetLibraryInfoImpl library_;
  llvm::TargetLibraryInfo info_;
  llvm::AssumptionCache cache_;
  llvm::DominatorTree dominators_;
  llvm::LoopInfo loops_;
  llvm::ScalarEvolution evolution_;
  std::vector<llvm::BasicBlock*> reached_;
  std::set<const llvm::BasicBlock*> told_; ///< whose branch is told by a loop's trips
  std::vector<std::pair<llvm::BasicBlock*, std::uint32_t>> branches_;
  std::vector<std::pair<llvm::Loop*, std::uint32_t>> counted_;
  llvm::MapVector<Way, std::vector<llvm::Loop*>> exits_;
  std::map<Way, Points> taken_;
  std::map<llvm::Loop*, Rounds> rounds_;
};

} // namespace

void markBranches(llvm::Module& module) {
  for (llvm::Function& function : module)
    for (llvm::BasicBlock& block : function)
      // Those without a place are the compiler's: where a scope is left in several ways.
      if (llvm::Instruction* end = block.getTerminator(); end->getNumSuccessors() > 1 && end->getDebugLoc())
        end->setMetadata(kOfSource, llvm::MDNode::get(module.getContext(), {}));
}

void coverBranches(llvm::Module& module, CoverageMap& map) {
  Numbers numbers;
  std::vector<std::unique_ptr<CoverageOf>> parts;
  for (llvm::Function& function : module)
    if (!function.isDeclaration())
      parts.push_back(std::make_unique<CoverageOf>(function, map, numbers));
  for (auto& part : parts)
    part->number();
  map.blocks.resize(numbers.blocks.size());
  for (auto& part : parts)
    part->plan();
  for (auto& part : parts)
    part->describe();
  for (llvm::Function& function : module)
    if (!function.isDeclaration() && function.getName().starts_with("kv_entry_"))
      map.entries.push_back(numbers.blocks.at(&function.getEntryBlock()));
  for (auto& part : parts)
    part->instrument();
}

} // namespace kverify::simt::lower
