#include "frontend/ir/whole_reads.h"

#include <string>
#include <vector>

#include <llvm/ADT/BitVector.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>

namespace kverify::frontend {
namespace {

constexpr const char* kReads = "kv.reads.";
constexpr std::uint64_t kMaxBytes = 4096;

/// Nobody but the thread has it, and accesses to it are judged on their own: a local object, or a parameter passed by value.
bool isOwn(const llvm::Value* place) {
  const llvm::Value* object = llvm::getUnderlyingObject(place, 0);
  auto* argument = llvm::dyn_cast<llvm::Argument>(object);
  return llvm::isa<llvm::AllocaInst>(object) || (argument && argument->hasByValAttr());
}

void note(llvm::MemCpyInst& copy, std::uint64_t bytes) {
  llvm::Module& module = *copy.getModule();
  llvm::IRBuilder<> build(&copy);
  llvm::Value* source = copy.getRawSource();
  llvm::FunctionCallee callee =
      module.getOrInsertFunction(kReads + std::to_string(source->getType()->getPointerAddressSpace()), build.getVoidTy(),
                                 source->getType(), build.getInt64Ty(), build.getInt64Ty());
  auto* call = build.CreateCall(
      callee, {source, build.getInt64(bytes), build.getInt64(copy.getSourceAlign().valueOrOne().value())});
  // It may not return, for all that passes know: so it stays. And it touches nothing, so it is in nobody's way.
  call->setDoesNotAccessMemory();
  call->setDoesNotThrow();
}

std::vector<llvm::Instruction*> notesIn(llvm::Function& function) {
  std::vector<llvm::Instruction*> notes;
  for (llvm::Instruction& instruction : llvm::instructions(function))
    if (wholeRead(instruction))
      notes.push_back(&instruction);
  return notes;
}

/// Bytes of `read` that an instruction reads from the same place on.
void cover(llvm::BitVector& bytes, const llvm::Value* base, std::int64_t begin, const llvm::Instruction& at,
           const llvm::DataLayout& layout) {
  const llvm::Value* pointer = nullptr;
  std::uint64_t size = 0;
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&at)) {
    pointer = load->getPointerOperand(), size = layout.getTypeStoreSize(load->getType());
  } else if (auto* copy = llvm::dyn_cast<llvm::MemTransferInst>(&at)) {
    auto* length = llvm::dyn_cast<llvm::ConstantInt>(copy->getLength());
    pointer = copy->getRawSource(), size = length ? length->getZExtValue() : 0;
  }
  if (!pointer)
    return;
  std::int64_t offset = 0;
  if (llvm::GetPointerBaseWithConstantOffset(pointer, offset, layout) != base)
    return;
  for (std::int64_t byte = offset - begin; byte < offset - begin + static_cast<std::int64_t>(size); ++byte)
    if (byte >= 0 && byte < static_cast<std::int64_t>(bytes.size()))
      bytes.set(static_cast<unsigned>(byte));
}

bool isThere(const llvm::Instruction& note, const WholeRead& read) {
  const llvm::DataLayout& layout = note.getDataLayout();
  std::int64_t begin = 0;
  const llvm::Value* base = llvm::GetPointerBaseWithConstantOffset(read.place, begin, layout);
  llvm::BitVector bytes(static_cast<unsigned>(read.bytes));
  for (const llvm::Instruction* at = note.getNextNode(); at && !bytes.all(); at = at->getNextNode()) {
    cover(bytes, base, begin, *at, layout);
    if (at->mayWriteToMemory() && !llvm::isa<llvm::MemTransferInst>(at))
      break; // behind a barrier it were another read
  }
  return bytes.all();
}

} // namespace

std::optional<WholeRead> wholeRead(const llvm::Instruction& instruction) {
  auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
  if (!call || !call->getCalledFunction() || !call->getCalledFunction()->getName().starts_with(kReads))
    return std::nullopt;
  auto number = [&](unsigned operand) { return llvm::cast<llvm::ConstantInt>(call->getArgOperand(operand))->getZExtValue(); };
  return WholeRead{call->getArgOperand(0), number(1), number(2)};
}

void noteWholeReads(llvm::Module& module) {
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      auto* copy = llvm::dyn_cast<llvm::MemCpyInst>(&instruction);
      auto* length = copy ? llvm::dyn_cast<llvm::ConstantInt>(copy->getLength()) : nullptr;
      if (length && !length->isZero() && length->getZExtValue() <= kMaxBytes && !copy->isVolatile() &&
          !isOwn(copy->getRawSource()))
        note(*copy, length->getZExtValue());
    }
}

void forgetReadsOfLocals(llvm::Function& function) {
  for (llvm::Instruction* note : notesIn(function))
    if (isOwn(wholeRead(*note)->place))
      note->eraseFromParent();
}

void forgetReadsThatAreThere(llvm::Function& function) {
  for (llvm::Instruction* note : notesIn(function))
    if (isThere(*note, *wholeRead(*note)))
      note->eraseFromParent();
}

} // namespace kverify::frontend
