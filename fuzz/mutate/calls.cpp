// Calls of warp operations, and of minimum and maximum.
#include <fmt/format.h>
#include <llvm/IR/IRBuilder.h>

#include "fuzz/mutate/sites.h"

namespace kverify::mutate {
namespace {

/// -1 for a minimum, 1 for a maximum, 0 for neither.
int extremeOf(const std::string& name) {
  for (const char* least : {"fminf", "fmin", "min", "umin", "llmin", "ullmin", "__hmin"})
    if (name == least)
      return -1;
  for (const char* most : {"fmaxf", "fmax", "max", "umax", "llmax", "ullmax", "__hmax"})
    if (name == most)
      return 1;
  return 0;
}

void extremes(llvm::CallInst& call, Sites& sites) {
  int now = extremeOf(calleeName(call));
  llvm::Type* type = call.getType();
  bool plain = call.arg_size() == 2 && (type->isIntegerTy() || type->isFloatingPointTy()) &&
               call.getArgOperand(0)->getType() == type && call.getArgOperand(1)->getType() == type;
  if (now == 0 || !plain)
    return;
  bool is_unsigned = calleeOf(call).find("unsigned") != std::string::npos || calleeName(call).starts_with("u");
  auto opposite = [&call, now, is_unsigned](llvm::Instruction* before) {
    llvm::IRBuilder<> b(before);
    llvm::Value *x = call.getArgOperand(0), *y = call.getArgOperand(1);
    llvm::Value* less = x->getType()->isFloatingPointTy() ? b.CreateFCmpOLT(x, y)
                        : is_unsigned                     ? b.CreateICmpULT(x, y)
                                                          : b.CreateICmpSLT(x, y);
    return now > 0 ? b.CreateSelect(less, x, y) : b.CreateSelect(less, y, x);
  };
  Edit& edit =
      sites.add(Operator::MinMaxSwapped, call,
                now > 0 ? "the maximum became the minimum" : "the minimum became the maximum", [&call, opposite] {
                  call.replaceAllUsesWith(opposite(&call));
                  call.eraseFromParent();
                });
  edit.beside = [&call, opposite] {
    llvm::Instruction* next = call.getNextNode();
    return Beside{&call, opposite(next), next};
  };
}

void lanes(llvm::CallInst& call, Sites& sites) {
  std::string name = calleeName(call);
  bool moves = name.starts_with("__shfl") && name.ends_with("_sync");
  bool asks = name == "__ballot_sync" || name == "__any_sync" || name == "__all_sync" || name == "__syncwarp" ||
              (name.starts_with("__reduce_") && name.ends_with("_sync"));
  auto constant = [&](unsigned argument) {
    return argument < call.arg_size() ? llvm::dyn_cast<llvm::ConstantInt>(call.getArgOperand(argument)) : nullptr;
  };
  if (auto* mask = moves || asks ? constant(0) : nullptr)
    sites.add(Operator::MaskInverted, call, fmt::format("the lanes {:#x} became the others", mask->getZExtValue()),
              [&call, mask] { call.setArgOperand(0, llvm::ConstantInt::get(mask->getContext(), ~mask->getValue())); });
  // All lanes that meet at the call may meet at another one after it.
  auto changeArgument = [&](Operator op, unsigned argument, const llvm::ConstantInt& from, std::uint64_t to,
                            std::string change) {
    llvm::Constant* value = llvm::ConstantInt::get(from.getType(), to);
    sites.add(op, call, std::move(change), [&call, argument, value] { call.setArgOperand(argument, value); }).beside =
        [&call, argument, value] {
          return twinOf(call, [&](llvm::Instruction& twin) { twin.setOperand(argument, value); });
        };
  };
  if (auto* step = moves ? constant(2) : nullptr)
    changeArgument(Operator::ConstantChanged, 2, *step, step->getZExtValue() + 1,
                   fmt::format("{} became {}", step->getSExtValue(), step->getSExtValue() + 1));
  // A distance below half of the width stays in the half: the same lanes, and no mutant.
  auto* distance = name == "__shfl_xor_sync" ? constant(2) : nullptr;
  auto* width = moves ? constant(3) : nullptr;
  const bool same_lanes = width && distance && distance->getZExtValue() < width->getZExtValue() / 2;
  if (width && width->getZExtValue() > 1 && !same_lanes)
    changeArgument(Operator::ShuffleWidth, 3, *width, width->getZExtValue() / 2,
                   fmt::format("the width {} became {}", width->getZExtValue(), width->getZExtValue() / 2));
}

} // namespace

void calls(llvm::Instruction& at, Sites& sites) {
  auto* call = llvm::dyn_cast<llvm::CallInst>(&at);
  if (!call)
    return;
  extremes(*call, sites);
  lanes(*call, sites);
}

} // namespace kverify::mutate
