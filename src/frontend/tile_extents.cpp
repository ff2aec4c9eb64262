#include "frontend/tile_extents.h"

#include <set>

#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

namespace kverify::frontend {
namespace {

constexpr unsigned kSharedSpace = 3;
constexpr std::int64_t kSmallest = 4, kLargest = 1024;

void add(std::set<std::int64_t>& extents, std::int64_t value) {
  if (value >= kSmallest && value <= kLargest)
    extents.insert(value);
}

void addArrays(const llvm::Module& module, std::set<std::int64_t>& extents) {
  for (const llvm::GlobalVariable& variable : module.globals()) {
    if (variable.getAddressSpace() != kSharedSpace)
      continue;
    for (llvm::Type* type = variable.getValueType(); auto* array = llvm::dyn_cast<llvm::ArrayType>(type);
         type = array->getElementType())
      add(extents, static_cast<std::int64_t>(array->getNumElements()));
  }
}

/// i = phi(start, i + C): what unoptimised IR has as load, add, store of one variable counts too.
void addSteps(const llvm::Function& function, std::set<std::int64_t>& extents) {
  for (const llvm::Instruction& instruction : llvm::instructions(function)) {
    if (instruction.getOpcode() != llvm::Instruction::Add)
      continue;
    const auto* step = llvm::dyn_cast<llvm::ConstantInt>(instruction.getOperand(1));
    if (!step || step->getBitWidth() > 64)
      continue;
    bool is_step = llvm::isa<llvm::PHINode>(instruction.getOperand(0));
    if (const auto* load = llvm::dyn_cast<llvm::LoadInst>(instruction.getOperand(0)))
      for (const llvm::User* user : instruction.users()) {
        const auto* store = llvm::dyn_cast<llvm::StoreInst>(user);
        is_step |= store && store->getPointerOperand() == load->getPointerOperand();
      }
    if (is_step)
      add(extents, step->getSExtValue());
  }
}

} // namespace

std::vector<std::int64_t> tileExtents(const DeviceModule& module) {
  llvm::LLVMContext context;
  auto parsed = llvm::parseBitcodeFile(llvm::MemoryBufferRef(module.bitcode, module.source.path), context);
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return {};
  }
  std::set<std::int64_t> extents;
  addArrays(**parsed, extents);
  for (const llvm::Function& function : **parsed)
    addSteps(function, extents);
  return {extents.begin(), extents.end()};
}

} // namespace kverify::frontend
