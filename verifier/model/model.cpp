// The order of work of buildModel, and the last step: closed forms put in for loop variables.
#include <fmt/format.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/Support/MemoryBuffer.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

namespace {

class Resolver : public Rewriter {
public:
  Resolver(TermPool& pool, const std::map<const Sym*, TermPtr>& forms) : Rewriter(pool), forms_(forms) {}

protected:
  TermPtr replace(const Sym& sym, TermPtr original) override {
    auto found = forms_.find(sym.origin());
    if (found == forms_.end())
      return original;
    return afterLoops(pool_, (*this)(found->second), sym.exits);
  }

private:
  const std::map<const Sym*, TermPtr>& forms_;
};

/// Two edges into a block that no loop explains.
bool isIrreducible(llvm::Function& kernel, const llvm::DominatorTree& dominators) {
  std::map<const llvm::BasicBlock*, int> state; // 1 on the stack, 2 done
  std::vector<std::pair<llvm::BasicBlock*, llvm::succ_iterator>> stack;
  llvm::BasicBlock* entry = &kernel.getEntryBlock();
  state[entry] = 1;
  stack.push_back({entry, llvm::succ_begin(entry)});
  while (!stack.empty()) {
    auto& [block, next] = stack.back();
    if (next == llvm::succ_end(block)) {
      state[block] = 2;
      stack.pop_back();
      continue;
    }
    llvm::BasicBlock* target = *next++;
    if (state[target] == 1 && !dominators.dominates(target, block))
      return true;
    if (state[target] == 0) {
      state[target] = 1;
      stack.push_back({target, llvm::succ_begin(target)});
    }
  }
  return false;
}

} // namespace

ModelBuilder::ModelBuilder(llvm::Function& kernel, TermPool& pool, Deadline deadline)
    : kernel_(kernel), pool_(pool), dominators_(kernel), loops_(dominators_),
      layout_(kernel.getParent()->getDataLayout()), deadline_(deadline) {}

bool ModelBuilder::late() {
  model_.late = model_.late || std::chrono::steady_clock::now() >= deadline_;
  return model_.late;
}

namespace {

/// Sorted by name: new terms get their numbers in the same order every time.
template <class Value>
std::vector<std::pair<std::string, Value*>> byName(std::map<const Sym*, Value>& of) {
  std::vector<std::pair<std::string, Value*>> sorted;
  for (auto& [sym, value] : of)
    sorted.emplace_back(sym->name, &value);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return sorted;
}

} // namespace

void ModelBuilder::resolveAll() {
  Resolver resolve(pool_, closed_forms_);
  for (Access& access : model_.accesses) {
    access.offset = resolve(access.offset);
    access.path = resolve(access.path);
    access.stored = access.stored ? resolve(access.stored) : nullptr;
    if (access.copied)
      access.copied->offset = resolve(access.copied->offset);
    access.surely = resolve(access.surely);
    for (InnerIndex& one : access.inner)
      one.index = resolve(one.index);
  }
  for (NoWrap& one : model_.no_wrap) {
    one.value = resolve(one.value);
    one.path = resolve(one.path);
  }
  for (ControlsBarrier& one : model_.controls) {
    one.condition = resolve(one.condition);
    one.path = resolve(one.path);
  }
  for (Claim& one : model_.claims) {
    one.truth = resolve(one.truth);
    one.path = resolve(one.path);
  }
  for (Requirement& one : model_.requirements) {
    one.truth = resolve(one.truth);
    one.path = resolve(one.path);
  }
  for (Invariant& one : model_.invariants)
    for (TermPtr* term : {&one.now, &one.first, &one.entered, &one.next, &one.repeats})
      *term = resolve(*term);
  for (auto& [name, ticket] : byName(model_.tickets))
    ticket->offset = resolve(ticket->offset);
  for (auto& [name, from] : byName(model_.loaded))
    from->offset = resolve(from->offset);
  for (auto* teams : {&model_.warps, &model_.warp_meetings})
    for (WarpTeam& team : *teams)
      for (ControlsBarrier& one : team.controls) {
        one.condition = resolve(one.condition);
        one.path = resolve(one.path);
      }
  for (WarpOp& one : model_.warp_ops)
    one.path = resolve(one.path);
  for (TermPtr& guard : model_.guards)
    guard = guard ? resolve(guard) : nullptr;
  for (TermPtr& stay : model_.stays)
    stay = stay ? resolve(stay) : nullptr;
  model_.linear_thread = linearThread();
  for (BarrierCount& one : model_.barrier_counts) {
    one.threads = resolve(one.threads);
    one.path = resolve(one.path);
  }
  for (auto& [name, halving] : byName(model_.halving))
    halving->start = resolve(halving->start);
  for (auto& [name, recurrent] : byName(model_.recurrent))
    recurrent->start = resolve(recurrent->start);
}

KernelModel ModelBuilder::build() {
  if (isIrreducible(kernel_, dominators_)) {
    model_.unsupported.push_back("control flow that is not made of loops and branches");
    return std::move(model_);
  }
  numberLoops();
  if (model_.loops > kMostLoops) {
    model_.unsupported.push_back(fmt::format("{} loops, of which {} are modelled", model_.loops, kMostLoops));
    return std::move(model_);
  }
  for (const llvm::BasicBlock& block : kernel_)
    block_numbers_[&block] = static_cast<unsigned>(block_numbers_.size());
  findPartialBarriers();
  barriers_ = meetingAt([this](const llvm::Instruction& instruction) { return isBarrier(instruction); });
  model_.barriers = barriers_.stops.size();
  model_.barrier_loops = barriers_.loops;
  for (const auto& [number, loop] : loops_by_number_)
    model_.counters.push_back(counterOf(*loop));
  solveLoops();
  for (const llvm::BasicBlock& block : kernel_)
    if (dominators_.isReachableFromEntry(&block))
      for (const llvm::Instruction& instruction : block) {
        if (late())
          return std::move(model_);
        visit(instruction);
      }
  findGuards();
  for (const llvm::CallInst* call : invariants_)
    buildInvariant(*call);
  findStays();
  findOrder();
  findAfterlives();
  model_.controls = controlsOf(barriers_);
  for (const llvm::Instruction* barrier : barriers_.stops)
    if (Sync sync = syncOf(*barrier); sync.kind == Sync::Kind::CountedBarrier)
      model_.barrier_counts.push_back(
          {value(sync.operand, barrier->getParent()), path(barrier->getParent()), locationOf(*barrier)});
  model_.intervals = intervalsOf(barriers_);
  findWarpTeams();
  findWarpOps();
  if (late())
    return std::move(model_);
  findStored(); // last: asks for nothing that is not there
  resolveAll();
  return std::move(model_);
}

Expected<KernelModel> buildModel(const frontend::DeviceModule& module, const frontend::KernelInfo& kernel,
                                 TermPool& pool, Deadline deadline) {
  llvm::LLVMContext context;
  auto buffer = llvm::MemoryBuffer::getMemBuffer(llvm::StringRef(module.bitcode), "kernel", false);
  auto parsed = llvm::parseBitcodeFile(buffer->getMemBufferRef(), context);
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return fail(ErrorKind::Internal, "the device module's bitcode can't be read", module.source.path);
  }
  if (!prepareKernel(**parsed, kernel.mangled))
    return fail(ErrorKind::Input, "there is no kernel '" + kernel.name + "'", module.source.path);
  return ModelBuilder(*(*parsed)->getFunction(kernel.mangled), pool, deadline).build();
}

} // namespace kverify::verifier
