// Local variables that live in registers have no shadow. Where one may be read before it is written, its first value is
// made explicit: kv_undefined(), a number that the executor chooses. If the program's result depends on the choice, the
// variable was used uninitialised. Promotion to registers deletes every such value that is never used.
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>

#include "frontend/ir/local_objects.h"
#include "simt/lower/locals.h"
#include "simt/lower/lower.h"
#include "simt/lower/padding.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;
/// Larger objects stay in memory, which has shadow.
constexpr std::uint64_t kMaxBytes = 1024;

/// Stores undefined words over every value of an object.
class FirstValues {
public:
  explicit FirstValues(llvm::AllocaInst& alloca) : alloca_(alloca), name_(variableName(alloca)) {
    llvm::BitVector values = valueBytes(alloca);
    for (frontend::Leaf leaf : frontend::leavesOf(alloca)) {
      auto begin = static_cast<unsigned>(leaf.offset);
      if (begin + leaf.bytes <= values.size() && values.find_first_unset_in(begin, begin + leaf.bytes) == -1)
        leaves_.push_back(leaf);
      else
        for (unsigned byte = begin; byte < begin + leaf.bytes; ++byte)
          if (byte < values.size() && values[byte])
            leaves_.push_back({byte, 1});
    }
  }

  void storeBefore(llvm::Instruction* before, llvm::DebugLoc declared) {
    Builder b(before);
    b.SetCurrentDebugLocation(std::move(declared));
    frontend::storeFirstValues(alloca_, leaves_, b, [&](llvm::Type* type) {
      auto bits = static_cast<unsigned>(alloca_.getDataLayout().getTypeStoreSizeInBits(type).getFixedValue());
      return b.CreateBitOrPointerCast(b.CreateTrunc(undefined(b), b.getIntNTy(bits)), type);
    });
    storePadding(b);
  }

private:
  /// Where promotion takes an object apart, a piece may be padding and nothing else: it counts as written.
  void storePadding(Builder& b) {
    forEachPaddingWord(alloca_, [&](unsigned offset, unsigned bytes) {
      b.CreateAlignedStore(b.getIntN(bytes * 8, 0),
                           offset ? b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), &alloca_, offset) : &alloca_,
                           llvm::commonAlignment(alloca_.getAlign(), offset));
    });
  }

  llvm::Value* undefined(Builder& b) {
    llvm::Module& m = *alloca_.getModule();
    auto callee = m.getOrInsertFunction("kv_undefined", llvm::FunctionType::get(b.getInt64Ty(), false));
    llvm::CallInst* call = b.CreateCall(callee);
    call->setDoesNotAccessMemory();
    call->setDoesNotThrow();
    call->addFnAttr(llvm::Attribute::WillReturn);
    call->addFnAttr(llvm::Attribute::get(m.getContext(), "kv-name", name_));
    return call;
  }

  llvm::AllocaInst& alloca_;
  std::string name_;
  std::vector<frontend::Leaf> leaves_;
};

llvm::DebugLoc firstUse(const llvm::AllocaInst& alloca) {
  llvm::DebugLoc first;
  for (const llvm::User* user : alloca.users())
    if (const llvm::DebugLoc& place = llvm::cast<llvm::Instruction>(user)->getDebugLoc();
        place && place.getLine() != 0 && (!first || place.getLine() < first.getLine()))
      first = place;
  return first;
}

/// Whether it will be promoted is not known here: a pointer to it may go to a function that becomes part of this one.
void defineFirstValue(llvm::AllocaInst& alloca) {
  auto size = alloca.getAllocationSize(alloca.getDataLayout());
  if (!size || size->isScalable() || frontend::holdsParameter(alloca))
    return;
  if (size->getFixedValue() > kMaxBytes)
    return keepInMemory(alloca);
  std::vector<llvm::Instruction*> starts = frontend::lifetimeStarts(alloca);
  FirstValues values(alloca);
  for (llvm::Instruction* start : starts)
    values.storeBefore(start->getNextNode(), start->getDebugLoc());
  if (starts.empty()) // control may jump past its declaration
    values.storeBefore(frontend::afterAllocas(*alloca.getFunction()), firstUse(alloca));
}

bool isUndefined(const llvm::Value* value) {
  while (auto* instruction = llvm::dyn_cast<llvm::Instruction>(value)) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(instruction);
    if (call)
      return call->getCalledFunction() && call->getCalledFunction()->getName() == "kv_undefined";
    if (!instruction->isCast() && !instruction->isShift())
      return false;
    value = instruction->getOperand(0);
  }
  return false;
}

} // namespace

void defineLocals(llvm::Module& module) {
  for (llvm::Function& function : module)
    for (llvm::AllocaInst* local : programLocals(function))
      defineFirstValue(*local);
}

void dropFirstValuesInMemory(llvm::Function& function) {
  frontend::dropFirstValues(function);
  for (llvm::Instruction& instruction : llvm::instructions(function))
    if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
        store && isUndefined(store->getValueOperand()) &&
        llvm::isa<llvm::AllocaInst>(store->getPointerOperand()->stripInBoundsConstantOffsets()))
      // What promotion made of one whose object it took apart only; it must not count as a write.
      store->setMetadata(kNoInstrument, llvm::MDNode::get(function.getContext(), {}));
}

} // namespace kverify::simt::lower
