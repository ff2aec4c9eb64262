// Every instruction that touches memory or orders it; what is not known is refused, by name.
#include <fmt/format.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/IntrinsicInst.h>

#include "frontend/ir/whole_reads.h"
#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::dyn_cast;
using llvm::isa;

void ModelBuilder::unsupported(const llvm::Instruction& at, const std::string& what) {
  SourceLocation where = locationOf(at);
  const llvm::DISubprogram* kernel = kernel_.getSubprogram();
  bool elsewhere = kernel && where.file != kernel->getFilename();
  std::string text = elsewhere ? fmt::format("{} ({}:{})", what, where.file.substr(where.file.rfind('/') + 1), where.line)
                               : fmt::format("{} (line {})", what, where.line);
  if (said_.insert(text).second)
    model_.unsupported.push_back(text);
}

bool isScratch(const llvm::Value* address) {
  const auto* local = dyn_cast<llvm::AllocaInst>(llvm::getUnderlyingObject(address));
  return local && local->hasMetadata("kv.noinstrument");
}

/// One access for each array that the address may be in.
void ModelBuilder::accessCases(const llvm::Instruction& at, const Pointer& target, const Access& like) {
  for (const PointerCase& place : target) {
    Access one = like;
    one.array = place.array;
    one.offset = place.offset;
    one.inner = place.inner;
    one.path = pool_.both(like.path ? like.path : path(at.getParent()), place.when);
    if (one.path == pool_.boolean(false))
      continue;
    // An exchange that compares first may store nothing.
    one.surely =
        isa<llvm::AtomicCmpXchgInst>(at) ? pool_.boolean(false) : pool_.both(surely(at.getParent()), place.when);
    one.where = locationOf(at);
    one.block = block_numbers_.at(at.getParent());
    one.loops = loopsAround(at.getParent());
    auto number = static_cast<unsigned>(model_.accesses.size());
    accesses_at_[&at].push_back(number);
    if (one.async)
      copies_[number] = &at;
    model_.accesses.push_back(one);
  }
}

void ModelBuilder::access(const llvm::Instruction& at, const llvm::Value* address, AccessKind kind, std::uint64_t width,
                          std::uint64_t align) {
  if (isScratch(address))
    return;
  auto target = pointer(address, at.getParent());
  if (!target)
    return unsupported(at, "an address of unknown provenance");
  Access like;
  like.kind = kind;
  like.width = static_cast<std::int64_t>(width);
  like.align = static_cast<std::int64_t>(align);
  accessCases(at, *target, like);
}

// kv_async_copy(to, from, bytes, bytes of the source; the rest becomes zeros). A source size that is not one of a few
// constants is read byte by byte: at any place below it.
void ModelBuilder::asyncCopy(const llvm::CallInst& call) {
  const llvm::BasicBlock* block = call.getParent();
  const auto* bytes = dyn_cast<llvm::ConstantInt>(call.getArgOperand(2));
  auto to = pointer(call.getArgOperand(0), block), from = pointer(call.getArgOperand(1), block);
  if (!bytes)
    return unsupported(call, "an asynchronous copy of unknown size");
  if (!to || !from)
    return unsupported(call, "an asynchronous copy with an address of unknown provenance");
  Access write, read;
  write.kind = AccessKind::Write;
  write.async = read.async = true;
  write.width = write.align = read.align = static_cast<std::int64_t>(bytes->getZExtValue());
  accessCases(call, *to, write);
  TermPtr given = value(call.getArgOperand(3), block), zero = pool_.constant(0);
  TermPtr here = path(block);
  bool all_or_nothing = given->op == Op::Ite && given->args[1]->op == Op::Const && given->args[2] == zero;
  if (given->op == Op::Const || all_or_nothing) {
    read.width = all_or_nothing ? given->args[1]->value : given->value;
    read.path = all_or_nothing ? pool_.both(here, given->args[0]) : here;
    if (read.width > 0)
      accessCases(call, *from, read);
    return;
  }
  Sym byte;
  byte.name = "byte." + std::to_string(next_opaque_++);
  byte.low = 0;
  byte.nest = loopsAround(block);
  TermPtr place = pool_.symbol(byte);
  read.width = read.align = 1;
  read.path = pool_.both(here, pool_.lt(place, given));
  accessCases(call, *movedBy(*from, place), read);
}

void ModelBuilder::visit(const llvm::Instruction& instruction) {
  if (const auto* load = dyn_cast<llvm::LoadInst>(&instruction))
    return access(instruction, load->getPointerOperand(), AccessKind::Read, sizeOf(load->getType()),
                  load->getAlign().value());
  if (const auto* store = dyn_cast<llvm::StoreInst>(&instruction)) {
    // A pointer may be stored: one that is loaded again has no provenance, and is refused where it is used.
    return access(instruction, store->getPointerOperand(), AccessKind::Write,
                  sizeOf(store->getValueOperand()->getType()), store->getAlign().value());
  }
  if (const auto* atomic = dyn_cast<llvm::AtomicRMWInst>(&instruction)) {
    access(instruction, atomic->getPointerOperand(), AccessKind::Atomic, sizeOf(atomic->getType()),
           atomic->getAlign().value());
    const auto* step = dyn_cast<llvm::ConstantInt>(atomic->getValOperand());
    for (unsigned number : accesses_at_[&instruction])
      model_.accesses[number].adds =
          atomic->getOperation() == llvm::AtomicRMWInst::Add && step && step->getValue().sgt(0);
    return;
  }
  if (const auto* exchange = dyn_cast<llvm::AtomicCmpXchgInst>(&instruction))
    return access(instruction, exchange->getPointerOperand(), AccessKind::Atomic,
                  sizeOf(exchange->getNewValOperand()->getType()), exchange->getAlign().value());
  if (auto whole = frontend::wholeRead(instruction))
    return access(instruction, whole->place, AccessKind::Read, whole->bytes, whole->align);
  if (const auto* call = dyn_cast<llvm::CallInst>(&instruction))
    return visitCall(*call);
  if (const auto* op = dyn_cast<llvm::BinaryOperator>(&instruction))
    return visitArithmetic(*op);
  if (isa<llvm::FenceInst>(instruction))
    return; // orders, but no two threads meet at it: leaving the order out is sound
  bool harmless = isa<llvm::BranchInst, llvm::SwitchInst, llvm::ReturnInst, llvm::UnreachableInst>(instruction);
  if (!harmless && (instruction.mayReadOrWriteMemory() || instruction.isTerminator()))
    unsupported(instruction, fmt::format("the instruction '{}'", instruction.getOpcodeName()));
}

// A local array after the end of its scope is nobody's.
void ModelBuilder::findAfterlives() {
  for (const llvm::BasicBlock& block : kernel_)
    for (const llvm::Instruction& end : block)
      if (const auto* mark = dyn_cast<llvm::IntrinsicInst>(&end);
          mark && mark->getIntrinsicID() == llvm::Intrinsic::lifetime_end)
        if (const auto* local = dyn_cast<llvm::AllocaInst>(llvm::getUnderlyingObject(mark->getArgOperand(1))))
          followAfterlife(end, *local);
}

void ModelBuilder::followAfterlife(const llvm::Instruction& end, const llvm::AllocaInst& local) {
  auto array = arrays_.find(&local);
  std::vector<const llvm::Instruction*> todo = {end.getNextNode()};
  std::set<const llvm::BasicBlock*> seen;
  while (!todo.empty() && array != arrays_.end()) {
    const llvm::Instruction* at = todo.back();
    todo.pop_back();
    const llvm::BasicBlock* block = at->getParent();
    bool born = false;
    for (; at && !born; at = at->getNextNode()) {
      const auto* mark = dyn_cast<llvm::IntrinsicInst>(at);
      born = mark && mark->getIntrinsicID() == llvm::Intrinsic::lifetime_start &&
             llvm::getUnderlyingObject(mark->getArgOperand(1)) == &local;
      auto here = accesses_at_.find(at);
      for (unsigned number : here == accesses_at_.end() ? std::vector<unsigned>() : here->second)
        if (model_.accesses[number].array == array->second)
          model_.claims.push_back({"bounds.local", pool_.boolean(false), path(block), locationOf(*at),
                                   "a local array is touched after the end of its scope"});
    }
    for (const llvm::BasicBlock* next : llvm::successors(block))
      if (!born && seen.insert(next).second)
        todo.push_back(&next->front());
  }
}

} // namespace kverify::verifier
