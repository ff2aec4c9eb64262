#include <cstddef>
#include <map>
#include <optional>

#include <llvm/ADT/StringSwitch.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include "simt/lower/lower.h"
#include "simt/runtime/abi.h"

namespace kverify::simt::lower {
namespace {

using Builder = llvm::IRBuilder<>;

llvm::Value* callRuntime(Builder& b, llvm::Module& m, const char* name, llvm::Type* result,
                         std::vector<llvm::Value*> args) {
  std::vector<llvm::Type*> types;
  for (llvm::Value* arg : args)
    types.push_back(arg->getType());
  return b.CreateCall(m.getOrInsertFunction(name, llvm::FunctionType::get(result, types, false)), args);
}

/// Loads a field of the ThreadContext that is constant while a block runs.
llvm::Value* field(Builder& b, llvm::Module& m, std::size_t offset, llvm::Type* type) {
  llvm::Value* address = b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), contextOf(b, m), offset);
  llvm::LoadInst* load = b.CreateLoad(type, address);
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(m.getContext(), {}));
  load->setMetadata(kNoInstrument, llvm::MDNode::get(m.getContext(), {}));
  return load;
}

/// llvm.nvvm.read.ptx.sreg.<name>
llvm::Value* specialRegister(Builder& b, llvm::Module& m, llvm::StringRef name, llvm::Type* type) {
  auto context = [&](std::size_t offset) { return field(b, m, offset, b.getInt32Ty()); };
  auto [head, axis] = name.rsplit('.');
  std::size_t index = axis == "y" ? 1 : axis == "z" ? 2 : 0;
  static const std::map<std::string, std::size_t> vectors{{"tid", offsetof(abi::ThreadContext, tid)},
                                                          {"ntid", offsetof(abi::ThreadContext, ntid)},
                                                          {"ctaid", offsetof(abi::ThreadContext, ctaid)},
                                                          {"nctaid", offsetof(abi::ThreadContext, nctaid)}};
  if (auto found = vectors.find(head.str()); found != vectors.end() && axis.size() == 1 && axis != "w")
    return context(found->second + 4 * index);
  llvm::Value* lane = nullptr;
  if (name.starts_with("lane"))
    lane = context(offsetof(abi::ThreadContext, lane));
  llvm::Value* one = b.getInt32(1);
  if (name == "laneid")
    return lane;
  if (name == "warpid")
    return context(offsetof(abi::ThreadContext, warp));
  if (name == "warpsize")
    return b.getInt32(32);
  if (name == "lanemask.eq")
    return b.CreateShl(one, lane);
  if (name == "lanemask.lt")
    return b.CreateSub(b.CreateShl(one, lane), one);
  if (name == "lanemask.le")
    return b.CreateSub(b.CreateShl(b.getInt32(2), lane), one);
  if (name == "lanemask.gt")
    return b.CreateNot(b.CreateSub(b.CreateShl(b.getInt32(2), lane), one));
  if (name == "lanemask.ge")
    return b.CreateNot(b.CreateSub(b.CreateShl(one, lane), one));
  if (name == "dynamic.smem.size" || name == "dynamic_smem_size")
    return context(offsetof(abi::ThreadContext, dynamic_shared));
  if (name == "smid" || name == "gridid" || name.starts_with("envreg"))
    return llvm::ConstantInt::get(type, 0);
  if (name == "nsmid")
    return b.getInt32(1);
  if (name == "clock" || name == "clock64" || name == "globaltimer" || name == "clock_hi")
    return b.CreateTrunc(callRuntime(b, m, "kv_clock", b.getInt64Ty(), {}), type);
  return nullptr;
}

llvm::Value* widened(Builder& b, llvm::Value* value) {
  llvm::Type* type = value->getType();
  if (type->isFloatTy())
    return b.CreateBitCast(value, b.getInt32Ty());
  return type == b.getInt32Ty() ? value : b.CreateZExt(value, b.getInt32Ty());
}

/// llvm.nvvm.shfl.sync.<mode>.<type>[p]
llvm::Value* shuffle(Builder& b, llvm::Module& m, llvm::CallInst& call, llvm::StringRef rest) {
  static const std::map<std::string, unsigned> modes{{"up", 0}, {"down", 1}, {"bfly", 2}, {"idx", 3}};
  auto [mode_name, type_name] = rest.split('.');
  auto mode = modes.find(mode_name.str());
  if (mode == modes.end() || call.arg_size() != 4)
    return nullptr;
  bool with_predicate = type_name.ends_with("p");
  llvm::Value* in_range = llvm::ConstantPointerNull::get(b.getPtrTy());
  if (with_predicate) {
    Builder at(&*call.getFunction()->getEntryBlock().getFirstInsertionPt());
    auto* slot = at.CreateAlloca(at.getInt8Ty());
    slot->setMetadata(kNoInstrument, llvm::MDNode::get(m.getContext(), {}));
    in_range = slot;
  }
  llvm::Value* result = callRuntime(b, m, "kv_shfl", b.getInt32Ty(),
                                    {b.getInt32(mode->second), call.getArgOperand(0), widened(b, call.getArgOperand(1)),
                                     call.getArgOperand(2), call.getArgOperand(3), in_range});
  llvm::Type* type = with_predicate ? call.getType()->getStructElementType(0) : call.getType();
  result = b.CreateBitCast(result, type);
  if (!with_predicate)
    return result;
  auto* flag = b.CreateLoad(b.getInt8Ty(), in_range);
  flag->setMetadata(kNoInstrument, llvm::MDNode::get(m.getContext(), {}));
  llvm::Value* pair = llvm::PoisonValue::get(call.getType());
  pair = b.CreateInsertValue(pair, result, 0);
  return b.CreateInsertValue(pair, b.CreateICmpNE(flag, b.getInt8(0)), 1);
}

llvm::Value* vote(Builder& b, llvm::Module& m, llvm::CallInst& call, llvm::StringRef rest) {
  static const std::map<std::string, unsigned> modes{
      {"all.sync", 0}, {"any.sync", 1}, {"uni.sync", 2}, {"ballot.sync", 3}};
  auto mode = modes.find(rest.str());
  if (mode == modes.end())
    return nullptr;
  llvm::Value* predicate = b.CreateZExtOrTrunc(call.getArgOperand(1), b.getInt32Ty());
  llvm::Value* result =
      callRuntime(b, m, "kv_vote", b.getInt32Ty(), {b.getInt32(mode->second), call.getArgOperand(0), predicate});
  return mode->second == 3 ? result : b.CreateICmpNE(result, b.getInt32(0));
}

llvm::Value* matchLanes(Builder& b, llvm::Module& m, llvm::CallInst& call, llvm::StringRef rest) {
  bool all = rest.starts_with("all");
  unsigned bits = call.getArgOperand(1)->getType()->getIntegerBitWidth();
  llvm::Value* slot = llvm::ConstantPointerNull::get(b.getPtrTy());
  if (all) {
    Builder at(&*call.getFunction()->getEntryBlock().getFirstInsertionPt());
    auto* place = at.CreateAlloca(at.getInt8Ty());
    place->setMetadata(kNoInstrument, llvm::MDNode::get(m.getContext(), {}));
    slot = place;
  }
  llvm::Value* lanes = callRuntime(b, m, "kv_match", b.getInt32Ty(),
                                   {b.getInt32(all), call.getArgOperand(0),
                                    b.CreateZExt(call.getArgOperand(1), b.getInt64Ty()), b.getInt32(bits), slot});
  if (!all)
    return lanes;
  auto* flag = b.CreateLoad(b.getInt8Ty(), slot);
  flag->setMetadata(kNoInstrument, llvm::MDNode::get(m.getContext(), {}));
  llvm::Value* pair = b.CreateInsertValue(llvm::PoisonValue::get(call.getType()), lanes, 0);
  return b.CreateInsertValue(pair, b.CreateICmpNE(flag, b.getInt8(0)), 1);
}

llvm::Value* reduceLanes(Builder& b, llvm::Module& m, llvm::CallInst& call, llvm::StringRef name) {
  static const std::map<std::string, unsigned> operations{{"add", 0}, {"umin", 1}, {"umax", 2}, {"min", 3},
                                                          {"max", 4}, {"and", 5},  {"or", 6},   {"xor", 7}};
  auto found = operations.find(name.str());
  if (found == operations.end())
    return nullptr;
  return callRuntime(b, m, "kv_redux", b.getInt32Ty(),
                     {b.getInt32(found->second), call.getArgOperand(1), call.getArgOperand(0)});
}

llvm::Value* barrier(Builder& b, llvm::Module& m, llvm::CallInst& call, llvm::StringRef name) {
  llvm::Type* none = b.getVoidTy();
  auto whole = [&](llvm::Value* id) { return callRuntime(b, m, "kv_barrier", none, {id, b.getInt32(~0u)}); };
  if (name == "barrier0" || name == "bar.sync.all")
    return whole(b.getInt32(0));
  static const std::map<std::string, unsigned> reductions{
      {"barrier0.popc", 0}, {"barrier0.and", 1}, {"barrier0.or", 2}};
  if (auto found = reductions.find(name.str()); found != reductions.end())
    return callRuntime(b, m, "kv_barrier_reduce", b.getInt32Ty(),
                       {b.getInt32(0), b.getInt32(found->second), call.getArgOperand(0)});
  if (name == "barrier.n" || name == "barrier.sync" || name == "bar.sync")
    return whole(call.getArgOperand(0));
  if (name == "barrier" || name == "barrier.sync.cnt")
    return callRuntime(b, m, "kv_barrier", none, {call.getArgOperand(0), call.getArgOperand(1)});
  if (name == "bar.warp.sync")
    return callRuntime(b, m, "kv_syncwarp", none, {call.getArgOperand(0)});
  return nullptr;
}

/// llvm.nvvm.atomic.* -> atomicrmw / cmpxchg; what clang emits as such already is left alone.
llvm::Value* atomic(Builder& b, llvm::CallInst& call, llvm::StringRef rest) {
  using RMW = llvm::AtomicRMWInst;
  static const std::map<std::string, RMW::BinOp> operations{
      {"add", RMW::Add}, {"exch", RMW::Xchg}, {"max", RMW::Max},      {"min", RMW::Min},     {"and", RMW::And},
      {"or", RMW::Or},   {"xor", RMW::Xor},   {"inc", RMW::UIncWrap}, {"dec", RMW::UDecWrap}};
  auto order = llvm::AtomicOrdering::Monotonic;
  if (rest.starts_with("load.inc") || rest.starts_with("load.dec"))
    return b.CreateAtomicRMW(rest.starts_with("load.inc") ? RMW::UIncWrap : RMW::UDecWrap, call.getArgOperand(0),
                             call.getArgOperand(1), llvm::MaybeAlign(), order);
  auto [operation, kind] = rest.split('.');
  if (operation == "cas") {
    auto* pair = b.CreateAtomicCmpXchg(call.getArgOperand(0), call.getArgOperand(1), call.getArgOperand(2),
                                       llvm::MaybeAlign(), order, order);
    return b.CreateExtractValue(pair, 0);
  }
  auto found = operations.find(operation.str());
  if (found == operations.end())
    return nullptr;
  RMW::BinOp op = found->second;
  if (op == RMW::Add && call.getType()->isFloatingPointTy())
    op = RMW::FAdd;
  return b.CreateAtomicRMW(op, call.getArgOperand(0), call.getArgOperand(1), llvm::MaybeAlign(), order);
}

llvm::Value* spaceTest(Builder& b, llvm::Module& m, llvm::CallInst& call, llvm::StringRef space) {
  llvm::Value* arena = field(b, m, offsetof(abi::ThreadContext, arena), b.getInt64Ty());
  llvm::Value* offset = b.CreateSub(b.CreatePtrToInt(call.getArgOperand(0), b.getInt64Ty()), arena);
  llvm::Value* slot = b.CreateLShr(offset, abi::kSlotShift);
  if (space == "shared")
    return b.CreateICmpEQ(slot, b.getInt64(abi::kSharedSlot));
  if (space == "local")
    return b.CreateICmpEQ(slot, b.getInt64(abi::kStackSlot));
  if (space == "const")
    return b.getFalse();
  return b.CreateAnd(b.CreateICmpUGE(slot, b.getInt64(abi::kParamSlot)),
                     b.CreateICmpULT(slot, b.getInt64(abi::kSlots)));
}

/// The replacement of one llvm.nvvm.* call; null = not ours.
llvm::Value* replacement(Builder& b, llvm::Module& m, llvm::CallInst& call, llvm::StringRef name) {
  if (name.consume_front("read.ptx.sreg."))
    return specialRegister(b, m, name, call.getType());
  if (name.consume_front("shfl.sync."))
    return shuffle(b, m, call, name);
  if (name.consume_front("vote."))
    return vote(b, m, call, name);
  if (name.consume_front("match."))
    return matchLanes(b, m, call, name);
  if (name.consume_front("redux.sync."))
    return reduceLanes(b, m, call, name);
  if (name.consume_front("atomic."))
    return atomic(b, call, name);
  if (name.consume_front("isspacep."))
    return spaceTest(b, m, call, name);
  if (name == "activemask")
    return callRuntime(b, m, "kv_activemask", b.getInt32Ty(), {});
  if (name.starts_with("membar.") || name.starts_with("fence."))
    return callRuntime(b, m, "kv_fence", b.getVoidTy(),
                       {b.getInt32(name.ends_with("cta")   ? abi::kScopeBlock
                                   : name.ends_with("sys") ? abi::kScopeSystem
                                                           : abi::kScopeDevice)});
  if (name == "exit")
    return callRuntime(b, m, "kv_exit", b.getVoidTy(), {});
  if (name.starts_with("nanosleep"))
    return llvm::UndefValue::get(b.getInt32Ty());
  return barrier(b, m, call, name);
}

/// What <kverify/annotations.h> calls: (condition, its text).
std::optional<abi::Annotation> annotationOf(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<abi::Annotation>>(name)
      .Case("__kv_requires", abi::kRequires)
      .Case("__kv_assert", abi::kAsserts)
      .Case("__kv_invariant", abi::kInvariant)
      .Default(std::nullopt);
}

/// CUDA's device functions that clang leaves as declarations.
llvm::Value* deviceCall(Builder& b, llvm::Module& m, llvm::CallInst& call, llvm::StringRef name) {
  if (name == "vprintf")
    return callRuntime(b, m, "kv_vprintf", b.getInt32Ty(), {call.getArgOperand(0), call.getArgOperand(1)});
  if (name == "__assertfail") {
    std::vector<llvm::Value*> args(call.arg_begin(), call.arg_end());
    return callRuntime(b, m, "kv_assertfail", b.getVoidTy(), args);
  }
  if (auto annotation = annotationOf(name))
    return callRuntime(b, m, "kv_annotation_if", b.getVoidTy(),
                       {b.CreateNot(call.getArgOperand(0)), b.getInt32(*annotation), call.getArgOperand(1)});
  if (name == "llvm.trap" || name == "llvm.debugtrap")
    return callRuntime(b, m, "kv_trap", b.getVoidTy(), {});
  return nullptr;
}

void lowerCall(llvm::Module& module, llvm::CallInst& call) {
  llvm::Function* callee = call.getCalledFunction();
  if (!callee || !callee->isDeclaration())
    return;
  llvm::StringRef name = callee->getName();
  Builder b(&call);
  bool dropped = name == "llvm.assume" || name.starts_with("llvm.experimental.noalias");
  llvm::Value* value = nullptr;
  if (name.consume_front("llvm.nvvm."))
    value = replacement(b, module, call, name);
  else if (!dropped)
    value = deviceCall(b, module, call, name);
  if (!value && !dropped)
    return;
  if (value && !call.getType()->isVoidTy())
    call.replaceAllUsesWith(value);
  call.eraseFromParent();
}

} // namespace

llvm::Value* contextOf(llvm::IRBuilderBase& builder, llvm::Module& module) {
  auto callee = module.getOrInsertFunction(kContextName, llvm::FunctionType::get(builder.getPtrTy(), false));
  auto* function = llvm::cast<llvm::Function>(callee.getCallee());
  function->setDoesNotAccessMemory();
  function->setDoesNotThrow();
  function->setWillReturn();
  return builder.CreateCall(function);
}

void lowerDeviceIntrinsics(llvm::Module& module) {
  std::vector<llvm::CallInst*> calls;
  for (llvm::Function& function : module)
    for (llvm::Instruction& instruction : llvm::instructions(function))
      if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction))
        calls.push_back(call);
  for (llvm::CallInst* call : calls)
    lowerCall(module, *call);
}

} // namespace kverify::simt::lower
