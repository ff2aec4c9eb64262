#include "simt/lower/shadow_sums.h"

#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>

#include "simt/lower/shadow_function.h"

namespace kverify::simt::lower {
namespace {

using llvm::Instruction;
using llvm::Value;
using Values = llvm::SmallVector<Value*, 4>;
using Set = llvm::DenseSet<const Value*>;

/// The operands that a node of the graph adds; nothing where the instruction is none.
Values addends(const Value& value) {
  auto* instruction = llvm::dyn_cast<Instruction>(&value);
  if (!instruction || formatOf(instruction->getType()) == shadow::kNoFormat)
    return {};
  if (auto* phi = llvm::dyn_cast<llvm::PHINode>(instruction))
    return Values(phi->incoming_values());
  switch (operationOf(*instruction).value_or(shadow::kOther)) {
  case shadow::kAdd:
  case shadow::kSub: return {instruction->getOperand(0), instruction->getOperand(1)};
  case shadow::kFma: return {instruction->getOperand(2)};
  default: return {};
  }
}

/// All that is reached from `start` along `next`, without `start` itself unless there is a way back.
template <class Next>
Set reached(const Value& start, Next next) {
  Set seen;
  llvm::SmallVector<const Value*, 16> work{&start};
  while (!work.empty())
    for (const Value* each : next(*work.pop_back_val()))
      if (seen.insert(each).second)
        work.push_back(each);
  return seen;
}

Values users(const Value& value) {
  Values all;
  for (const llvm::User* user : value.users())
    if (llvm::is_contained(addends(*user), &value))
      all.push_back(const_cast<llvm::User*>(user));
  return all;
}

} // namespace

RunningSums::RunningSums(llvm::Function& function) {
  for (Instruction& instruction : llvm::instructions(function)) {
    if (!llvm::isa<llvm::PHINode>(instruction) || members_.contains(&instruction) ||
        formatOf(instruction.getType()) == shadow::kNoFormat)
      continue;
    const Set ahead = reached(instruction, users);
    if (!ahead.contains(&instruction))
      continue;
    for (const Value* each : reached(instruction, addends))
      if (ahead.contains(each))
        members_.insert(each);
  }
  // An addition of two of them would double them.
  llvm::SmallVector<const Value*, 4> doubling;
  for (const Value* each : members_)
    if (!llvm::isa<llvm::PHINode>(each) &&
        llvm::count_if(addends(*each), [&](const Value* addend) { return members_.contains(addend); }) > 1)
      doubling.push_back(each);
  for (const Value* each : doubling)
    members_.erase(each);
}

} // namespace kverify::simt::lower
