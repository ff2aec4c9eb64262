#include <algorithm>
#include <bit>

#include <llvm/ADT/SetVector.h>
#include <llvm/Analysis/CFG.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/ValueHandle.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include "frontend/ir/whole_reads.h"
#include "simt/lower/access.h"
#include "simt/lower/locals.h"
#include "simt/lower/lower.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;
// Loop iterations between two looks at the step limit.
constexpr std::uint32_t kFuelPeriod = 4096;
// The widest access that is checked inline, cell by cell.
constexpr std::uint64_t kMaxInline = 32;

/// Instruments one function.
class Instrumenter {
public:
  Instrumenter(llvm::Module& module, llvm::Function& function, unsigned granule_log2, Sites& sites,
               const InstrumentOptions& options)
      : m_(module), f_(function), granule_log2_(granule_log2), sites_(sites), options_(options) {}

  void run() {
    countSteps();
    checkStack();
    if (!options_.checks)
      return;
    collect();
    instrumentLocals(m_, f_, granule_log2_, sites_, options_.precise);
    for (Planned& planned : accesses_) {
      planned.access.pointer = planned.pointer;
      check(planned.access, planned.inner);
    }
    for (llvm::MemIntrinsic* transfer : transfers_)
      checkTransfer(*transfer);
    for (llvm::Instruction* note : notes_)
      note->eraseFromParent();
    if (options_.precise)
      for (llvm::FenceInst* each : fences_)
        fence(Builder(each), sites_.add(*each, "fence"), scopeName(each->getSyncScopeID()) == "block");
  }

private:
  /// What is known of an access before local arrays get their red zones.
  struct Planned {
    MemoryAccess access;
    std::vector<InnerIndex> inner;
    llvm::WeakTrackingVH pointer;
  };

  void collect() {
    for (llvm::Instruction& instruction : llvm::instructions(f_)) {
      if (auto access = accessOf(instruction, m_.getDataLayout()))
        accesses_.push_back({*access, innerIndices(access->pointer), access->pointer});
      if (frontend::wholeRead(instruction))
        notes_.push_back(&instruction);
      if (auto* transfer = llvm::dyn_cast<llvm::MemIntrinsic>(&instruction);
          transfer && !transfer->getMetadata(kNoInstrument))
        transfers_.push_back(transfer);
      if (auto* each = llvm::dyn_cast<llvm::FenceInst>(&instruction))
        fences_.push_back(each);
    }
  }

  llvm::CallInst* call(Builder& b, const char* name, std::vector<llvm::Value*> arguments) {
    std::vector<llvm::Type*> types;
    for (llvm::Value* argument : arguments)
      types.push_back(argument->getType());
    return b.CreateCall(m_.getOrInsertFunction(name, llvm::FunctionType::get(b.getVoidTy(), types, false)), arguments);
  }

  void check(const MemoryAccess& access, const std::vector<InnerIndex>& inner_indices = {}) {
    Builder b(access.instruction);
    abi::Kind kind = abi::plainKind(access.kind);
    std::uint32_t site = sites_.add(*access.instruction, kind == abi::kRead    ? "read"
                                                         : kind == abi::kWrite ? "write"
                                                                               : "atomic");
    llvm::Value* address = b.CreatePtrToInt(access.pointer, b.getInt64Ty());
    for (const InnerIndex& inner : inner_indices)
      checkIndex(access, inner, address, site);
    b.SetInsertPoint(access.instruction);
    llvm::Value* context = contextOf(b, m_);
    if (options_.precise) {
      order(access, site);
      call(b, "kv_host_access",
           {context, address, b.getInt32(static_cast<std::uint32_t>(access.bytes)), b.getInt32(access.align),
            b.getInt32(access.kind), b.getInt32(site)});
    } else if (access.bytes <= kMaxInline) {
      call(b, "kv_check",
           {context, address, b.getInt32(static_cast<std::uint32_t>(access.bytes)),
            b.getInt32(std::countr_zero(access.align)), b.getInt32(kind), b.getInt32(access.space),
            b.getInt32(granule_log2_), b.getInt32(site)});
    } else {
      range(b, access.pointer, b.getInt64(access.bytes), access.align, kind, site);
    }
  }

  /// Acquire and release are a relaxed access with a fence behind or before it. Sequentially consistent is what clang
  /// writes for CUDA's atomicAdd() and its like, which are relaxed.
  void order(const MemoryAccess& access, std::uint32_t site) {
    llvm::Instruction& at = *access.instruction;
    if (!at.isAtomic())
      return;
    llvm::AtomicOrdering ordering = llvm::AtomicOrdering::Monotonic;
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&at))
      ordering = load->getOrdering();
    else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&at))
      ordering = store->getOrdering();
    else if (auto* rmw = llvm::dyn_cast<llvm::AtomicRMWInst>(&at))
      ordering = rmw->getOrdering();
    else if (auto* swap = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(&at))
      ordering = swap->getSuccessOrdering();
    if (ordering == llvm::AtomicOrdering::SequentiallyConsistent)
      return;
    auto scope = llvm::getAtomicSyncScopeID(&at);
    bool block = scope && scopeName(*scope) == "block";
    if (llvm::isReleaseOrStronger(ordering))
      fence(Builder(&at), site, block);
    if (llvm::isAcquireOrStronger(ordering))
      fence(Builder(at.getNextNode()), site, block);
  }

  std::string scopeName(llvm::SyncScope::ID scope) const {
    llvm::SmallVector<llvm::StringRef, 8> scopes;
    m_.getContext().getSyncScopeNames(scopes);
    return scope < scopes.size() ? scopes[scope].str() : std::string();
  }

  void fence(Builder b, std::uint32_t site, bool block) {
    call(b, "kv_rt_fence",
         {contextOf(b, m_), b.getInt32(site), b.getInt32(block ? abi::kScopeBlock : abi::kScopeDevice)});
  }

  void range(Builder& b, llvm::Value* pointer, llvm::Value* bytes, std::uint32_t align, abi::Kind kind,
             std::uint32_t site) {
    call(b, "kv_host_range",
         {contextOf(b, m_), b.CreatePtrToInt(pointer, b.getInt64Ty()), b.CreateZExtOrTrunc(bytes, b.getInt64Ty()),
          b.getInt32(align), b.getInt32(kind), b.getInt32(site)});
  }

  void checkIndex(const MemoryAccess& access, const InnerIndex& inner, llvm::Value* address, std::uint32_t site) {
    Builder b(access.instruction);
    llvm::Value* index = b.CreateSExtOrTrunc(inner.index, b.getInt64Ty());
    llvm::Value* outside = b.CreateICmpUGE(index, b.getInt64(inner.extent));
    llvm::Instruction* then = llvm::SplitBlockAndInsertIfThen(outside, access.instruction, false);
    Builder cold(then);
    call(cold, "kv_host_logical",
         {contextOf(cold, m_), address, index, cold.getInt64(inner.extent),
          cold.getInt32(static_cast<std::uint32_t>(access.bytes)), cold.getInt32(abi::plainKind(access.kind)),
          cold.getInt32(site)});
  }

  bool isOwn(llvm::Value* pointer) const { return isParameter(pointer); }

  void checkPart(llvm::MemIntrinsic& transfer, llvm::Value* pointer, llvm::MaybeAlign align, abi::Kind kind) {
    if (isOwn(pointer))
      return;
    MemoryAccess access{&transfer, pointer,         0, static_cast<std::uint32_t>(align.valueOrOne().value()),
                        kind,      spaceOf(pointer)};
    auto* length = llvm::dyn_cast<llvm::ConstantInt>(transfer.getLength());
    std::uint64_t bytes = length ? length->getZExtValue() : kMaxInline + 1;
    if (bytes == 0)
      return;
    if (bytes <= kMaxInline) {
      access.bytes = bytes;
      check(access);
      return;
    }
    Builder b(&transfer);
    range(b, pointer, transfer.getLength(), access.align, kind,
          sites_.add(transfer, kind == abi::kRead ? "read" : "write"));
  }

  void checkTransfer(llvm::MemIntrinsic& transfer) {
    if (auto* copy = llvm::dyn_cast<llvm::MemTransferInst>(&transfer))
      checkPart(transfer, copy->getRawSource(), copy->getSourceAlign(), abi::kRead);
    checkPart(transfer, transfer.getRawDest(), transfer.getDestAlign(), abi::kWrite);
  }

  /// A register counts loop iterations; every kFuelPeriod of them the host looks at limits and lets others run.
  void countSteps() {
    // Of the depth-first order, not of natural loops: those that are entered by goto count too.
    llvm::SmallVector<std::pair<const llvm::BasicBlock*, const llvm::BasicBlock*>, 8> edges;
    llvm::FindFunctionBackedges(f_, edges);
    llvm::SmallSetVector<llvm::Instruction*, 8> back_edges;
    for (auto [from, to] : edges)
      back_edges.insert(const_cast<llvm::BasicBlock*>(from)->getTerminator());
    if (back_edges.empty())
      return;
    Builder head(&*f_.getEntryBlock().getFirstInsertionPt());
    auto* counter = head.CreateAlloca(head.getInt32Ty(), nullptr, "kv.steps");
    own(*counter);
    own(*head.CreateStore(head.getInt32(0), counter));
    for (llvm::Instruction* edge : back_edges) {
      std::uint32_t site = sites_.add(*edge, "loop");
      Builder b(edge);
      llvm::LoadInst* steps = b.CreateLoad(b.getInt32Ty(), counter);
      own(*steps);
      llvm::Value* next = b.CreateAdd(steps, b.getInt32(1));
      own(*b.CreateStore(next, counter));
      llvm::Value* due = b.CreateICmpEQ(b.CreateAnd(next, b.getInt32(kFuelPeriod - 1)), b.getInt32(0));
      llvm::MDNode* unlikely = llvm::MDBuilder(m_.getContext()).createBranchWeights(1, 1 << 20);
      llvm::Instruction* then = llvm::SplitBlockAndInsertIfThen(due, edge, false, unlikely);
      Builder cold(then);
      llvm::CallInst* fuel =
          call(cold, "kv_fuel", {contextOf(cold, m_), cold.getInt32(kFuelPeriod), cold.getInt32(site)});
      fuel->setCallingConv(llvm::CallingConv::PreserveMost);
    }
  }

  /// What was not inlined may recurse: is there room for one more call?
  void checkStack() {
    std::vector<llvm::CallInst*> calls;
    for (llvm::Instruction& instruction : llvm::instructions(f_)) {
      auto* made = llvm::dyn_cast<llvm::CallInst>(&instruction);
      if (made && made->getCalledFunction() && !made->getCalledFunction()->isDeclaration())
        calls.push_back(made);
    }
    // Recursion must stay visible: as a loop it would run past the stack check and the step limit.
    if (!calls.empty())
      f_.addFnAttr("disable-tail-calls", "true");
    for (llvm::CallInst* made : calls) {
      Builder b(made);
      std::uint32_t site = sites_.add(*made, "call");
      call(b, "kv_fuel", {contextOf(b, m_), b.getInt32(1), b.getInt32(site)})
          ->setCallingConv(llvm::CallingConv::PreserveMost);
      llvm::Value* frame = b.CreatePtrToInt(
          b.CreateIntrinsic(llvm::Intrinsic::frameaddress, {b.getPtrTy()}, {b.getInt32(0)}), b.getInt64Ty());
      llvm::LoadInst* limit =
          b.CreateLoad(b.getInt64Ty(), b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), contextOf(b, m_),
                                                                    offsetof(abi::ThreadContext, stack_limit)));
      llvm::Instruction* then = llvm::SplitBlockAndInsertIfThen(b.CreateICmpULT(frame, limit), made, false);
      Builder cold(then);
      call(cold, "kv_rt_stack_overflow", {contextOf(cold, m_), cold.getInt32(site)});
    }
  }

  void own(llvm::Instruction& instruction) {
    instruction.setMetadata(kNoInstrument, llvm::MDNode::get(m_.getContext(), {}));
  }

  llvm::Module& m_;
  llvm::Function& f_;
  unsigned granule_log2_;
  Sites& sites_;
  const InstrumentOptions& options_;
  std::vector<Planned> accesses_;
  std::vector<llvm::MemIntrinsic*> transfers_;
  std::vector<llvm::Instruction*> notes_; ///< of reads of which promotion left a part
  std::vector<llvm::FenceInst*> fences_;
};

} // namespace

unsigned granuleLog2(llvm::Module& module) {
  auto lowestBit = [](std::uint64_t bytes) { return bytes ? bytes & -bytes : 4; };
  std::uint64_t narrowest = 4;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      if (auto access = accessOf(instruction, module.getDataLayout())) {
        narrowest = std::min<std::uint64_t>({narrowest, lowestBit(access->bytes), access->align});
      } else if (auto* transfer = llvm::dyn_cast<llvm::MemIntrinsic>(&instruction);
                 transfer && !transfer->getMetadata(kNoInstrument)) {
        auto* length = llvm::dyn_cast<llvm::ConstantInt>(transfer->getLength());
        std::uint64_t unit = length ? lowestBit(length->getZExtValue()) : 1;
        narrowest = std::min<std::uint64_t>({narrowest, unit, transfer->getDestAlign().valueOrOne().value()});
        if (auto* copy = llvm::dyn_cast<llvm::MemTransferInst>(transfer); copy && !isParameter(copy->getRawSource()))
          narrowest = std::min<std::uint64_t>(narrowest, copy->getSourceAlign().valueOrOne().value());
      }
    }
  return static_cast<unsigned>(std::countr_zero(narrowest));
}

void instrument(llvm::Module& module, unsigned granule_log2, Sites& sites, const InstrumentOptions& options) {
  for (llvm::Function& function : module)
    if (!function.isDeclaration())
      Instrumenter(module, function, granule_log2, sites, options).run();
}

} // namespace kverify::simt::lower
