// Calls that are left after inlining: special registers, barriers, shuffles, libdevice, inline PTX.
#include <fmt/format.h>
#include <llvm/ADT/StringSwitch.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/IntrinsicInst.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::dyn_cast;
using llvm::StringRef;

namespace {

/// "tid.x" of llvm.nvvm.read.ptx.sreg.tid.x, or empty.
StringRef registerOf(const llvm::CallInst& call) {
  const llvm::Function* callee = call.getCalledFunction();
  StringRef name = callee ? callee->getName() : StringRef();
  return name.consume_front("llvm.nvvm.read.ptx.sreg.") ? name : StringRef();
}

std::optional<Sym> launchSymbol(StringRef name) {
  auto [what, axis] = name.split('.');
  if (axis != "x" && axis != "y" && axis != "z")
    return std::nullopt;
  // CUDA's limits: 1024 threads a dimension (64 in z), 2^31 - 1 blocks in x and 65535 in y and z.
  std::int64_t threads = axis == "z" ? 64 : 1024, blocks = axis == "x" ? INT32_MAX : 65535;
  Sym sym;
  sym.name = name.str();
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

/// Instructions of inline PTX that only compute on registers.
bool onlyComputes(const llvm::InlineAsm& code) {
  StringRef text(code.getAsmString());
  llvm::SmallVector<StringRef, 8> parts;
  text.split(parts, ';');
  for (StringRef part : parts) {
    part = part.trim(" \t\n\r{}");
    if (part.starts_with("@"))
      part = part.split(' ').second.trim();
    if (part.empty() || part.starts_with(".reg"))
      continue;
    StringRef opcode = part.substr(0, part.find_first_of(". \t"));
    bool plain = llvm::StringSwitch<bool>(opcode)
                     .Cases("cvt", "mov", "add", "sub", "mul", "mad", "fma", "neg", "abs", true)
                     .Cases("min", "max", "ex2", "rcp", "rsqrt", "sqrt", "lg2", "sin", "cos", "tanh", true)
                     .Cases("set", "setp", "selp", "and", "or", "xor", "not", "shl", "shr", "prmt", true)
                     .Cases("bfe", "bfi", "popc", "clz", "lop3", "div", "rem", "testp", "copysign", true)
                     .Default(false);
    // A matrix product of fragments in registers: warp-wide, but it touches no memory.
    plain = plain || part.starts_with("mma.sync");
    if (!plain)
      return false;
  }
  return true;
}

bool hasPointerArgument(const llvm::CallInst& call) {
  for (const llvm::Use& argument : call.args())
    if (argument->getType()->isPointerTy())
      return true;
  return false;
}

} // namespace

TermPtr ModelBuilder::callValue(const llvm::CallInst& call) {
  if (StringRef name = registerOf(call); !name.empty()) {
    if (auto sym = launchSymbol(name))
      return pool_.symbol(*sym);
    if (name == "warpsize")
      return pool_.constant(32);
  }
  const auto* intrinsic = dyn_cast<llvm::IntrinsicInst>(&call);
  if (!intrinsic)
    return opaque(call, "call");
  const llvm::BasicBlock* block = call.getParent();
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
  if (name == "llvm.nvvm.barrier0" || name.starts_with("llvm.nvvm.barrier0."))
    return true; // in barriers_
  if (name.starts_with("llvm.nvvm.ldg.global") || name.starts_with("llvm.nvvm.ldu.global")) {
    access(call, call.getArgOperand(0), AccessKind::Read, sizeOf(call.getType()));
    return true;
  }
  if (name.starts_with("llvm.nvvm.shfl.") || name.starts_with("llvm.nvvm.vote.") ||
      name.starts_with("llvm.nvvm.match.") || name.starts_with("llvm.nvvm.redux.") ||
      name.starts_with("llvm.nvvm.membar.") || name == "llvm.nvvm.bar.warp.sync" || name == "llvm.nvvm.activemask")
    return true; // order nothing that is relied upon; their values are unknown
  if (const auto* copy = dyn_cast<llvm::MemTransferInst>(&call)) {
    const auto* length = dyn_cast<llvm::ConstantInt>(copy->getLength());
    if (!length)
      return false;
    access(call, copy->getSource(), AccessKind::Read, length->getZExtValue());
    access(call, copy->getDest(), AccessKind::Write, length->getZExtValue());
    return true;
  }
  if (const auto* set = dyn_cast<llvm::MemSetInst>(&call)) {
    const auto* length = dyn_cast<llvm::ConstantInt>(set->getLength());
    if (length)
      access(call, set->getDest(), AccessKind::Write, length->getZExtValue());
    return length != nullptr;
  }
  if (llvm::isa<llvm::DbgInfoIntrinsic, llvm::LifetimeIntrinsic, llvm::AssumeInst>(call) ||
      name.starts_with("llvm.experimental.noalias"))
    return true;
  return call.doesNotAccessMemory() && !call.isConvergent();
}

void ModelBuilder::visitCall(const llvm::CallInst& call) {
  if (const auto* code = dyn_cast<llvm::InlineAsm>(call.getCalledOperand())) {
    if (!onlyComputes(*code) || hasPointerArgument(call))
      unsupported(call, fmt::format("inline PTX '{}'", code->getAsmString()));
    return;
  }
  const llvm::Function* callee = call.getCalledFunction();
  if (!callee)
    return unsupported(call, "a call through a pointer");
  StringRef name = callee->getName();
  if (callee->isIntrinsic()) {
    if (!visitIntrinsic(call, name))
      unsupported(call, fmt::format("the intrinsic '{}'", name.str()));
    return;
  }
  bool math = name.starts_with("__nv_") && !hasPointerArgument(call);
  if (!math && name != "__nvvm_reflect")
    unsupported(call, fmt::format("a call of '{}'", name.str()));
}

} // namespace kverify::verifier
