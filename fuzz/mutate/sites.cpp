#include "fuzz/mutate/sites.h"

#include <algorithm>

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Operator.h>

namespace kverify::mutate {
namespace {

bool isUsers(const llvm::DILocation& at, const MutateOptions& options) {
  std::string file = at.getFilename().str();
  if (!file.starts_with("/") && !at.getDirectory().empty())
    file = at.getDirectory().str() + "/" + file;
  return std::none_of(options.system_folders.begin(), options.system_folders.end(), [&](const std::string& folder) {
    return file.starts_with(folder) || at.getFilename().starts_with(folder);
  });
}

} // namespace

Edit& Sites::add(Operator op, llvm::Instruction& at, std::string change, std::function<void()> apply) {
  const auto& wanted = options_.operators;
  if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), op) == wanted.end())
    return unwanted_;
  edits_.push_back({op, &at, std::move(change), std::move(apply)});
  return edits_.back();
}

Beside twinOf(llvm::Instruction& at, const std::function<void(llvm::Instruction& twin)>& change) {
  llvm::Instruction* twin = at.clone();
  twin->insertAfter(&at);
  change(*twin);
  return {&at, twin, twin->getNextNode()};
}

std::vector<Edit> findEdits(llvm::Module& module, const MutateOptions& options) {
  Sites sites(options);
  for (llvm::Function& function : module)
    for (llvm::Instruction& at : llvm::instructions(function)) {
      const llvm::DILocation* place = at.getDebugLoc().get();
      if (!place || place->getLine() == 0 || llvm::isa<llvm::DbgInfoIntrinsic>(at) || !isUsers(*place, options))
        continue;
      for (auto family : {barriers, conditions, indices, constants, sums, calls})
        family(at, sites);
    }
  return sites.take();
}

std::string calleeOf(const llvm::CallInst& call) {
  const llvm::Function* callee = call.getCalledFunction();
  return callee ? llvm::demangle(callee->getName().str()) : std::string();
}

std::string calleeName(const llvm::CallInst& call) {
  std::string name = calleeOf(call);
  int depth = 0;
  std::size_t end = name.size(), begin = 0;
  for (std::size_t i = 0; i < name.size(); ++i) { // the name before the arguments, after the last "::" or blank
    if (name[i] == '(' && depth == 0) {
      end = i;
      break;
    }
    depth += name[i] == '<';
    depth -= name[i] == '>';
    if (depth == 0 && (name[i] == ' ' || (name[i] == ':' && i > 0 && name[i - 1] == ':')))
      begin = i + 1;
  }
  name = name.substr(begin, end - begin);
  return name.substr(0, name.find('<'));
}

bool samePlace(const llvm::Value* a, const llvm::Value* b) {
  if (a == b)
    return true;
  const auto* load_a = llvm::dyn_cast<llvm::LoadInst>(a);
  const auto* load_b = llvm::dyn_cast<llvm::LoadInst>(b);
  if (load_a && load_b)
    return samePlace(load_a->getPointerOperand(), load_b->getPointerOperand());
  const auto* x = llvm::dyn_cast<llvm::Instruction>(a);
  const auto* y = llvm::dyn_cast<llvm::Instruction>(b);
  bool plain = x && y && x->getOpcode() == y->getOpcode() && x->getNumOperands() == y->getNumOperands() &&
               (llvm::isa<llvm::GetElementPtrInst, llvm::CastInst>(x) || (x->isBinaryOp() && !llvm::isa<llvm::CallInst>(x)));
  for (unsigned i = 0; plain && i < x->getNumOperands(); ++i)
    plain = samePlace(x->getOperand(i), y->getOperand(i));
  return plain;
}

bool readsFrom(const llvm::Value* value, const llvm::Value* place, unsigned depth) {
  if (const auto* load = llvm::dyn_cast<llvm::LoadInst>(value))
    return samePlace(load->getPointerOperand(), place);
  const auto* step = llvm::dyn_cast<llvm::Instruction>(value);
  if (!step || depth == 0 || llvm::isa<llvm::PHINode, llvm::AllocaInst>(step))
    return false;
  return std::any_of(step->op_begin(), step->op_end(),
                     [&](const llvm::Use& use) { return readsFrom(use.get(), place, depth - 1); });
}

} // namespace kverify::mutate
