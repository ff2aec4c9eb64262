// Every instruction that touches memory or orders it; what is not known is refused, by name.
#include <fmt/format.h>
#include <llvm/IR/IntrinsicInst.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::dyn_cast;
using llvm::isa;

void ModelBuilder::unsupported(const llvm::Instruction& at, const std::string& what) {
  SourceLocation where = locationOf(at);
  std::string text = fmt::format("{} (line {})", what, where.line);
  if (said_.insert(text).second)
    model_.unsupported.push_back(text);
}

void ModelBuilder::access(const llvm::Instruction& at, const llvm::Value* address, AccessKind kind,
                          std::uint64_t width) {
  auto target = pointer(address, at.getParent());
  if (!target)
    return unsupported(at, "an address of unknown provenance");
  Access one;
  one.kind = kind;
  one.array = target->array;
  one.offset = target->offset;
  one.width = static_cast<std::int64_t>(width);
  one.path = path(at.getParent());
  one.where = locationOf(at);
  one.block = block_numbers_.at(at.getParent());
  accesses_at_[&at].push_back(static_cast<unsigned>(model_.accesses.size()));
  model_.accesses.push_back(one);
}

void ModelBuilder::visit(const llvm::Instruction& instruction) {
  if (const auto* load = dyn_cast<llvm::LoadInst>(&instruction))
    return access(instruction, load->getPointerOperand(), AccessKind::Read, sizeOf(load->getType()));
  if (const auto* store = dyn_cast<llvm::StoreInst>(&instruction)) {
    if (store->getValueOperand()->getType()->isPointerTy())
      unsupported(instruction, "a pointer that is stored");
    return access(instruction, store->getPointerOperand(), AccessKind::Write,
                  sizeOf(store->getValueOperand()->getType()));
  }
  if (const auto* atomic = dyn_cast<llvm::AtomicRMWInst>(&instruction))
    return access(instruction, atomic->getPointerOperand(), AccessKind::Atomic, sizeOf(atomic->getType()));
  if (const auto* exchange = dyn_cast<llvm::AtomicCmpXchgInst>(&instruction))
    return access(instruction, exchange->getPointerOperand(), AccessKind::Atomic,
                  sizeOf(exchange->getNewValOperand()->getType()));
  if (const auto* call = dyn_cast<llvm::CallInst>(&instruction))
    return visitCall(*call);
  if (isa<llvm::FenceInst>(instruction))
    return; // orders, but no two threads meet at it: leaving the order out is sound
  bool harmless = isa<llvm::BranchInst, llvm::SwitchInst, llvm::ReturnInst, llvm::UnreachableInst>(instruction);
  if (!harmless && (instruction.mayReadOrWriteMemory() || instruction.isTerminator()))
    unsupported(instruction, fmt::format("the instruction '{}'", instruction.getOpcodeName()));
}

} // namespace kverify::verifier
