// Calls that are left after inlining: special registers, barriers, shuffles, libdevice, inline PTX.
#include <fmt/format.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/IntrinsicInst.h>

#include "kverify/device_limits.h"
#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::dyn_cast;
using llvm::StringRef;

std::optional<Sym> launchSymbol(std::string_view name) {
  namespace limits = device_limits;
  auto [what, axis] = StringRef(name).split('.');
  std::size_t dimension = StringRef("xyz").find(axis);
  if (axis.size() != 1 || dimension == StringRef::npos)
    return std::nullopt;
  std::int64_t threads = limits::block[dimension], blocks = limits::grid[dimension];
  Sym sym;
  sym.name = name;
  if (what == "tid")
    sym.low = 0, sym.high = threads - 1, sym.scope = Scope::Thread;
  else if (what == "ntid")
    sym.low = 1, sym.high = threads, sym.scope = Scope::Grid;
  else if (what == "ctaid")
    sym.low = 0, sym.high = blocks - 1, sym.scope = Scope::Block;
  else if (what == "nctaid")
    sym.low = 1, sym.high = blocks, sym.scope = Scope::Grid;
  else
    return std::nullopt;
  return sym;
}

namespace {

/// "tid.x" of llvm.nvvm.read.ptx.sreg.tid.x, or empty.
StringRef registerOf(const llvm::CallInst& call) {
  const llvm::Function* callee = call.getCalledFunction();
  StringRef name = callee ? callee->getName() : StringRef();
  return name.consume_front("llvm.nvvm.read.ptx.sreg.") ? name : StringRef();
}

/// Pointers to memory that the model knows: not null, not the scratch of the PTX lowering.
bool hasPointerArgument(const llvm::CallInst& call) {
  for (const llvm::Use& argument : call.args())
    if (argument->getType()->isPointerTy() && !isScratch(argument) && !llvm::isa<llvm::ConstantPointerNull>(argument))
      return true;
  return false;
}

/// The text that the lowering of PTX left where it did not understand an instruction.
std::string refusedText(const llvm::CallInst& call) {
  const auto* global = dyn_cast<llvm::GlobalVariable>(call.getArgOperand(0)->stripPointerCasts());
  const auto* text =
      global && global->hasInitializer() ? dyn_cast<llvm::ConstantDataSequential>(global->getInitializer()) : nullptr;
  return text && text->isCString() ? text->getAsCString().str() : "?";
}

bool isConstantZeroTo15(const llvm::Value* value) {
  const auto* number = dyn_cast<llvm::ConstantInt>(value);
  return number && number->getValue().ule(15);
}

/// kv_barrier(id, count): a count of all ones means every thread of the block.
Sync barrierOf(const llvm::Value* id, const llvm::Value* count) {
  if (!isConstantZeroTo15(id))
    return {};
  const auto* number = dyn_cast_or_null<llvm::ConstantInt>(count);
  bool whole = !count || (number && number->isMinusOne());
  return whole ? Sync{Sync::Kind::Barrier, nullptr} : Sync{Sync::Kind::CountedBarrier, count};
}

} // namespace

Sync syncOf(const llvm::Instruction& instruction) {
  const auto* call = dyn_cast<llvm::CallInst>(&instruction);
  const llvm::Function* callee = call ? call->getCalledFunction() : nullptr;
  if (!callee)
    return {};
  StringRef name = callee->getName();
  if (name == "kv_async_commit")
    return {Sync::Kind::Commit, nullptr};
  if (name == "kv_async_wait") {
    const auto* left = dyn_cast<llvm::ConstantInt>(call->getArgOperand(0));
    return {left && left->isMinusOne() ? Sync::Kind::WaitAll : Sync::Kind::Wait, call->getArgOperand(0)};
  }
  if (name == "kv_syncwarp")
    return {Sync::Kind::Warp, call->getArgOperand(0)};
  if (name == "kv_barrier")
    return barrierOf(call->getArgOperand(0), call->getArgOperand(1));
  if (name == "kv_barrier_reduce")
    return barrierOf(call->getArgOperand(0), nullptr);
  if (!name.consume_front("llvm.nvvm."))
    return {};
  if (name == "bar.warp.sync")
    return {Sync::Kind::Warp, call->getArgOperand(0)};
  if (name == "barrier0" || name.starts_with("barrier0.") || name == "bar.sync.all")
    return {Sync::Kind::Barrier, nullptr};
  if (name == "barrier.n" || name == "barrier.sync" || name == "bar.sync")
    return barrierOf(call->getArgOperand(0), nullptr);
  if (name == "barrier" || name == "barrier.sync.cnt")
    return barrierOf(call->getArgOperand(0), call->getArgOperand(1));
  return {};
}

// threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z): warps are 32 of these in a row.
TermPtr ModelBuilder::linearThread() {
  auto index = [&](const char* name) { return pool_.symbol(*launchSymbol(name)); };
  TermPtr plane = pool_.add(index("tid.y"), pool_.mul(index("ntid.y"), index("tid.z")));
  return pool_.add(index("tid.x"), pool_.mul(index("ntid.x"), plane));
}

TermPtr ModelBuilder::callValue(const llvm::CallInst& call) {
  if (StringRef name = registerOf(call); !name.empty()) {
    if (auto sym = launchSymbol(name))
      return pool_.symbol(*sym);
    if (name == "warpsize")
      return pool_.constant(32);
    if (name == "laneid")
      return pool_.floorMod(linearThread(), 32);
  }
  if (const llvm::Function* callee = call.getCalledFunction(); callee && callee->getName() == "kv_lane_id")
    return pool_.floorMod(linearThread(), 32);
  const llvm::BasicBlock* block = call.getParent();
  StringRef callee = call.getCalledFunction() ? call.getCalledFunction()->getName() : StringRef();
  if (callee == "__nv_mul24" || callee == "__nv_umul24") {
    // The product of the low 24 bits: of the factors themselves, where they have no more.
    std::int64_t low = callee == "__nv_mul24" ? -(1 << 23) : 0, high = low + (1 << 24) - 1;
    TermPtr a = value(call.getArgOperand(0), block), b = value(call.getArgOperand(1), block);
    for (TermPtr factor : {a, b})
      oblige(call, factor, low, high, "a factor of 24 bits");
    return inRange(call, pool_.mul(a, b), 32, "a product");
  }
  // What a barrier counts over its block every thread of it gets.
  bool reduces = callee == "kv_barrier_reduce" || callee.starts_with("llvm.nvvm.barrier0.");
  if (reduces && call.getType()->isIntegerTy(32) && syncOf(call).kind == Sync::Kind::Barrier) {
    Sym sym;
    sym.name = "counted." + std::to_string(next_opaque_++);
    sym.scope = Scope::Block;
    sym.nest = loopsAround(block);
    sym.low = INT32_MIN;
    sym.high = INT32_MAX;
    return pool_.symbol(sym);
  }
  const auto* intrinsic = dyn_cast<llvm::IntrinsicInst>(&call);
  if (!intrinsic)
    return opaque(call, "call");
  switch (intrinsic->getIntrinsicID()) {
  case llvm::Intrinsic::smin:
    return pool_.min(value(call.getArgOperand(0), block), value(call.getArgOperand(1), block));
  case llvm::Intrinsic::smax:
    return pool_.max(value(call.getArgOperand(0), block), value(call.getArgOperand(1), block));
  case llvm::Intrinsic::expect: return value(call.getArgOperand(0), block);
  default: return opaque(call, "call");
  }
}

// True: known to leave memory and order alone, or handled.
bool ModelBuilder::visitIntrinsic(const llvm::CallInst& call, StringRef name) {
  if (syncOf(call).kind != Sync::Kind::None)
    return true; // in barriers_
  if (name.starts_with("llvm.nvvm.shfl.") || name.starts_with("llvm.nvvm.vote.") ||
      name.starts_with("llvm.nvvm.match.") || name.starts_with("llvm.nvvm.redux.") ||
      name.starts_with("llvm.nvvm.membar.") || name == "llvm.nvvm.bar.warp.sync" || name == "llvm.nvvm.activemask")
    return true; // order nothing that is relied upon; their values are unknown
  if (const auto* copy = dyn_cast<llvm::MemTransferInst>(&call)) {
    const auto* length = dyn_cast<llvm::ConstantInt>(copy->getLength());
    if (!length)
      return false;
    access(call, copy->getSource(), AccessKind::Read, length->getZExtValue(),
           copy->getSourceAlign().valueOrOne().value());
    access(call, copy->getDest(), AccessKind::Write, length->getZExtValue(), copy->getDestAlign().valueOrOne().value());
    return true;
  }
  if (const auto* set = dyn_cast<llvm::MemSetInst>(&call)) {
    const auto* length = dyn_cast<llvm::ConstantInt>(set->getLength());
    if (length)
      access(call, set->getDest(), AccessKind::Write, length->getZExtValue(), set->getDestAlign().valueOrOne().value());
    return length != nullptr;
  }
  if (llvm::isa<llvm::DbgInfoIntrinsic, llvm::LifetimeIntrinsic, llvm::AssumeInst>(call) ||
      name.starts_with("llvm.experimental.noalias"))
    return true;
  if (name == "llvm.trap" || name == "llvm.debugtrap" || name.starts_with("llvm.nvvm.nanosleep"))
    return true;
  return call.doesNotAccessMemory() && !call.isConvergent();
}

/// The functions that the lowering of PTX calls; see simt/ptx/lower.h.
void ModelBuilder::visitRuntime(const llvm::CallInst& call, StringRef name) {
  if (name == "kv_unsupported")
    return unsupported(call, fmt::format("inline PTX '{}'", refusedText(call)));
  if (name == "kv_async_copy")
    return asyncCopy(call);
  if (syncOf(call).kind != Sync::Kind::None || name == "kv_barrier_arrive")
    return; // see findPartialBarriers
  // Shuffles, votes and fences order nothing that is relied upon; everything else is mathematics on registers.
  bool refused = name.starts_with("kv_barrier") || name.starts_with("kv_async");
  if (refused || hasPointerArgument(call))
    unsupported(call, fmt::format("a call of '{}'", name.str()));
}

void ModelBuilder::visitCall(const llvm::CallInst& call) {
  const llvm::Function* callee = call.getCalledFunction();
  if (!callee)
    return unsupported(call, "a call through a pointer");
  StringRef name = callee->getName();
  if (callee->isIntrinsic()) {
    if (!visitIntrinsic(call, name))
      unsupported(call, fmt::format("the intrinsic '{}'", name.str()));
    return;
  }
  if (name.starts_with("kv_"))
    return visitRuntime(call, name);
  if (isAnnotation(name))
    return visitAnnotation(call, name);
  if (name == "__assertfail")
    return failedAssert(call);
  if (name == kNeverReached)
    return reached(call);
  bool math = name.starts_with("__nv_") && !hasPointerArgument(call);
  // Printing touches nothing that others see.
  static const std::set<StringRef> harmless = {"__nvvm_reflect", "vprintf"};
  if (!math && !harmless.count(name))
    unsupported(call, fmt::format("a call of '{}'", name.str()));
}

} // namespace kverify::verifier
