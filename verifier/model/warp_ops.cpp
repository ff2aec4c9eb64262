// What lanes of a warp, or a part of a block, do together: shuffles, votes, reductions, matrix operations; named barriers
// that some threads wait at and others only arrive at.
#include <llvm/IR/Constants.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::dyn_cast;

namespace {

struct Operation {
  const llvm::Value* mask = nullptr;
  bool masked = false; ///< else it is no such operation
  bool reads_lanes = false;
};

Operation operationOf(const llvm::Instruction& instruction) {
  const auto* call = dyn_cast<llvm::CallInst>(&instruction);
  const llvm::Function* callee = call ? call->getCalledFunction() : nullptr;
  if (!callee)
    return {};
  llvm::StringRef name = callee->getName();
  auto operand = [&](unsigned index) { return call->arg_size() > index ? call->getArgOperand(index) : nullptr; };
  // simt/ptx/emitter.h has their operands.
  if (name == "kv_syncwarp")
    return {operand(0), true, false};
  if (name == "kv_shfl")
    return {operand(1), true, true};
  if (name == "kv_vote" || name == "kv_match" || name == "kv_redux" || name == "kv_warp_op")
    return {operand(1), true, false};
  if (!name.consume_front("llvm.nvvm."))
    return {};
  if (name.starts_with("shfl.sync."))
    return {operand(0), true, true};
  if (name == "bar.warp.sync" || name.starts_with("match.") ||
      (name.starts_with("vote.") && name.contains(".sync")))
    return {operand(0), true, false};
  if (name.starts_with("redux.sync."))
    return {operand(1), true, false};
  bool before_volta = name.starts_with("shfl.") || name.starts_with("vote."); // whoever is there: nobody can say
  return {nullptr, before_volta, before_volta};
}

std::uint32_t lanesOf(const Operation& operation) {
  const auto* mask = dyn_cast_or_null<llvm::ConstantInt>(operation.mask);
  return mask ? static_cast<std::uint32_t>(mask->getZExtValue()) : 0;
}

/// The number of a named barrier; nothing where it is computed.
std::optional<std::uint64_t> idOf(const llvm::CallInst& call) {
  const auto* id = dyn_cast<llvm::ConstantInt>(call.getArgOperand(0));
  return id ? std::optional(id->getZExtValue()) : std::nullopt;
}

const llvm::CallInst* callOf(const llvm::Instruction& instruction, llvm::StringRef name) {
  const auto* call = dyn_cast<llvm::CallInst>(&instruction);
  const llvm::Function* callee = call ? call->getCalledFunction() : nullptr;
  return callee && callee->getName() == name ? call : nullptr;
}

} // namespace

// A lane of a mask is met at every operation that names the whole mask.
void ModelBuilder::findWarpOps() {
  std::set<std::uint32_t> masks;
  for (const llvm::BasicBlock& block : kernel_)
    for (const llvm::Instruction& instruction : block) {
      Operation operation = operationOf(instruction);
      if (!operation.masked || !dominators_.isReachableFromEntry(&block))
        continue;
      model_.warp_ops.push_back({lanesOf(operation), path(&block), locationOf(instruction), operation.reads_lanes});
      masks.insert(lanesOf(operation));
    }
  masks.erase(0);
  for (std::uint32_t lanes : masks) {
    WarpTeam team;
    team.lanes = lanes;
    Meeting meeting = meetingAt([&](const llvm::Instruction& instruction) {
      return operationOf(instruction).masked && (lanes & ~lanesOf(operationOf(instruction))) == 0;
    });
    team.loops = meeting.loops;
    team.controls = controlsOf(meeting);
    model_.warp_meetings.push_back(std::move(team));
  }
}

// Where some threads only arrive (bar.arrive), those that wait meet whoever came: not the whole block, whatever the
// count. Such a barrier is taken to order nothing.
void ModelBuilder::findPartialBarriers() {
  std::set<std::uint64_t> arrived;
  bool any = false;
  for (const llvm::BasicBlock& block : kernel_)
    for (const llvm::Instruction& instruction : block)
      if (const llvm::CallInst* call = callOf(instruction, "kv_barrier_arrive")) {
        model_.partial_barriers.push_back(locationOf(instruction));
        auto id = idOf(*call);
        any = any || !id;
        arrived.insert(id.value_or(0));
      }
  if (arrived.empty())
    return;
  for (const llvm::BasicBlock& block : kernel_)
    for (const llvm::Instruction& instruction : block)
      if (const llvm::CallInst* call = callOf(instruction, "kv_barrier"))
        if (auto id = idOf(*call); any || !id || arrived.count(*id))
          partial_.insert(&instruction);
}

bool ModelBuilder::isBarrier(const llvm::Instruction& instruction) const {
  Sync::Kind kind = syncOf(instruction).kind;
  return (kind == Sync::Kind::Barrier || kind == Sync::Kind::CountedBarrier) && !partial_.count(&instruction);
}

} // namespace kverify::verifier
