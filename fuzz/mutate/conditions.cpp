// Comparisons and branches.
#include <fmt/format.h>
#include <llvm/IR/IntrinsicInst.h>

#include "fuzz/mutate/sites.h"

namespace kverify::mutate {
namespace {

const char* spellingOf(llvm::CmpInst::Predicate predicate) {
  switch (predicate) {
  case llvm::CmpInst::ICMP_SLT:
  case llvm::CmpInst::ICMP_ULT: return "<";
  case llvm::CmpInst::ICMP_SLE:
  case llvm::CmpInst::ICMP_ULE: return "<=";
  case llvm::CmpInst::ICMP_SGT:
  case llvm::CmpInst::ICMP_UGT: return ">";
  case llvm::CmpInst::ICMP_SGE:
  case llvm::CmpInst::ICMP_UGE: return ">=";
  default: return "?";
  }
}

void weaken(llvm::ICmpInst& compare, Sites& sites) {
  if (!compare.isRelational() || !compare.getOperand(0)->getType()->isIntegerTy())
    return;
  llvm::CmpInst::Predicate now = compare.getPredicate();
  bool is_strict = llvm::CmpInst::isStrictPredicate(now);
  llvm::CmpInst::Predicate other =
      is_strict ? llvm::CmpInst::getNonStrictPredicate(now) : llvm::CmpInst::getStrictPredicate(now);
  sites
      .add(Operator::CompareWeakened, compare, fmt::format("`{}` became `{}`", spellingOf(now), spellingOf(other)),
           [&compare, other] { compare.setPredicate(other); })
      .beside = [&compare, other] {
    return twinOf(compare, [other](llvm::Instruction& twin) { llvm::cast<llvm::ICmpInst>(twin).setPredicate(other); });
  };
}

/// The condition of a loop: that one never ends, or never begins, is no mistake that anyone makes.
bool isOfLoop(const llvm::BranchInst& branch) {
  llvm::StringRef block = branch.getParent()->getName();
  for (const char* loop : {"for.cond", "while.cond", "do.cond", "do.body"})
    if (block.starts_with(loop))
      return true;
  return false;
}

} // namespace

void conditions(llvm::Instruction& at, Sites& sites) {
  if (auto* compare = llvm::dyn_cast<llvm::ICmpInst>(&at))
    weaken(*compare, sites);
  auto* branch = llvm::dyn_cast<llvm::BranchInst>(&at);
  if (branch && branch->isConditional() && !isOfLoop(*branch))
    sites.add(Operator::MaskInverted, at, "the condition became its opposite", [branch] { branch->swapSuccessors(); });
}

} // namespace kverify::mutate
