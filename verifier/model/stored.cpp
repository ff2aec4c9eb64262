// What a store leaves behind, as far as that is known without asking for arithmetic that nothing else needs: constants,
// arguments, addresses, what was computed for an address or a guard anyway, and copies of what is loaded from elsewhere.
// And the numbers that atomicAdd gives out.
#include <fmt/format.h>
#include <llvm/IR/IntrinsicInst.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::dyn_cast;
using llvm::isa;

namespace {

TermPtr bitsOf(TermPool& pool, const llvm::Constant& constant) {
  if (constant.isNullValue())
    return pool.constant(0);
  const auto* integer = dyn_cast<llvm::ConstantInt>(&constant);
  if (integer && integer->getBitWidth() > 1 && integer->getBitWidth() <= 64)
    return pool.constant(integer->getSExtValue());
  const auto* number = dyn_cast<llvm::ConstantFP>(&constant);
  if (number && number->getType()->getPrimitiveSizeInBits() <= 64)
    return pool.constant(number->getValueAPF().bitcastToAPInt().getSExtValue());
  return nullptr;
}

bool isLaunchRegister(const llvm::Value* value) {
  const auto* call = dyn_cast<llvm::CallInst>(value);
  return call && call->getCalledFunction() &&
         call->getCalledFunction()->getName().starts_with("llvm.nvvm.read.ptx.sreg.");
}

} // namespace

// Equal terms are equal bits. Null: not known.
TermPtr ModelBuilder::storedBits(const llvm::Value* stored, const llvm::BasicBlock* block) {
  if (const auto* constant = dyn_cast<llvm::Constant>(stored))
    if (TermPtr bits = bitsOf(pool_, *constant))
      return bits;
  if (stored->getType()->isPointerTy()) {
    bool known = pointers_.count(stored) || isa<llvm::Argument, llvm::GlobalVariable>(stored->stripPointerCasts());
    auto target = known ? pointer(stored, block) : std::nullopt;
    bool one = target && target->size() == 1 && model_.arrays[target->front().array].kind != ArrayKind::Local;
    return one ? pool_.apply(fmt::format("address {}", target->front().array), {target->front().offset}) : nullptr;
  }
  if (isa<llvm::Argument>(stored) && !stored->getType()->isIntegerTy(1))
    return value(stored, block);
  bool computed = stored->getType()->isIntegerTy() && (values_.count(stored) || isLaunchRegister(stored));
  TermPtr term = computed ? value(stored, block) : nullptr;
  return term && !isBoolean(term) ? term : nullptr;
}

void ModelBuilder::findStored() {
  for (auto& [at, numbers] : accesses_at_) {
    const auto* store = dyn_cast<llvm::StoreInst>(at);
    const auto* set = dyn_cast<llvm::MemSetInst>(at);
    const llvm::BasicBlock* block = at->getParent();
    for (unsigned number : numbers) {
      Access& access = model_.accesses[number];
      if (access.kind != AccessKind::Write || access.async)
        continue;
      const auto* byte = set ? dyn_cast<llvm::ConstantInt>(set->getValue()) : nullptr;
      if (byte && byte->isZero())
        access.stored = pool_.constant(0);
      if (!store)
        continue;
      access.stored = storedBits(store->getValueOperand(), block);
      const auto* load = dyn_cast<llvm::LoadInst>(store->getValueOperand());
      if (!load || load->isVolatile())
        continue;
      if (auto from = pointer(load->getPointerOperand(), load->getParent()); from && from->size() == 1)
        access.copied = LoadedValue{from->front().array,
                                    leave(from->front().offset, load->getParent(), block),
                                    static_cast<std::int64_t>(sizeOf(load->getType())), true};
    }
  }
}

// x = atomicAdd(place, step): nobody else's [x, x + step) meets this one's, as long as everyone adds and nothing wraps.
void ModelBuilder::noteTicket(const llvm::AtomicRMWInst& atomic, TermPtr result) {
  const auto* step = dyn_cast<llvm::ConstantInt>(atomic.getValOperand());
  if (atomic.getOperation() != llvm::AtomicRMWInst::Add || !step || step->getValue().slt(1) ||
      step->getValue().sgt(1 << 20) || result->op != Op::Symbol)
    return;
  if (auto from = pointer(atomic.getPointerOperand(), atomic.getParent()); from && from->size() == 1)
    model_.tickets[result->sym] = {from->front().array, from->front().offset, step->getSExtValue()};
}

} // namespace kverify::verifier
