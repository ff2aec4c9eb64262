#include "simt/ptx/emitter.h"

#include "simt/lower/lower.h"
#include <llvm/IR/IntrinsicsNVPTX.h>

namespace kverify::simt::ptx {

using llvm::Value;

namespace {

llvm::Instruction* unchecked(llvm::Instruction* instruction) {
  instruction->setMetadata("kv.noinstrument", llvm::MDNode::get(instruction->getContext(), {}));
  return instruction;
}

} // namespace

Value* Runtime::call(llvm::StringRef name, llvm::Type* result, llvm::ArrayRef<Value*> args) {
  std::vector<llvm::Type*> types;
  for (Value* arg : args)
    types.push_back(arg->getType());
  return b.CreateCall(module().getOrInsertFunction(name, llvm::FunctionType::get(result, types, false)), args);
}

llvm::AllocaInst* Runtime::buffer(llvm::Type* type, const llvm::Twine& name) {
  llvm::BasicBlock& entry = b.GetInsertBlock()->getParent()->getEntryBlock();
  auto* place = new llvm::AllocaInst(type, module().getDataLayout().getAllocaAddrSpace(), name, entry.begin());
  unchecked(place);
  return place;
}

Value* Runtime::load(llvm::Type* type, Value* from) {
  return unchecked(b.CreateLoad(type, from));
}
void Runtime::store(Value* value, Value* to) {
  unchecked(b.CreateStore(value, to));
}

void Runtime::unsupported(llvm::StringRef what) {
  call("kv_unsupported", b.getVoidTy(), {b.CreateGlobalStringPtr(what, "kv.unsupported")});
}

llvm::BasicBlock* Runtime::splitHere(const char* name) {
  llvm::BasicBlock* before = b.GetInsertBlock();
  if (b.GetInsertPoint() == before->end()) {
    return llvm::BasicBlock::Create(b.getContext(), name, before->getParent(), before->getNextNode());
  }
  llvm::BasicBlock* after = before->splitBasicBlock(b.GetInsertPoint(), name);
  before->getTerminator()->eraseFromParent();
  b.SetInsertPoint(before);
  return after;
}

std::vector<Value*> Runtime::warpOp(std::uint32_t op, llvm::ArrayRef<Value*> in, unsigned out_words) {
  auto* in_type = llvm::ArrayType::get(b.getInt32Ty(), in.size());
  auto* out_type = llvm::ArrayType::get(b.getInt32Ty(), out_words);
  Value* in_buffer = buffer(in_type, "kv.in");
  Value* out_buffer = buffer(out_type, "kv.out");
  for (unsigned i = 0; i < in.size(); ++i)
    store(in[i], element(in_buffer, i));
  call("kv_warp_op", b.getVoidTy(),
       {b.getInt32(op), b.getInt32(~0u), in_buffer, b.getInt32(4 * static_cast<unsigned>(in.size())), out_buffer,
        b.getInt32(4 * out_words)});
  std::vector<Value*> out;
  for (unsigned i = 0; i < out_words; ++i)
    out.push_back(load(b.getInt32Ty(), element(out_buffer, i)));
  return out;
}

void Emitter::define(const std::string& name, unsigned width, Value* initial) {
  auto* place = rt.buffer(b.getIntNTy(width), "asm." + name);
  rt.store(initial ? b.CreateZExtOrTrunc(initial, b.getIntNTy(width)) : b.getIntN(width, 0), place);
  slots_[name] = {place, width};
}

unsigned Emitter::widthOf(const Operand& op) const {
  if (const auto it = slots_.find(op.name); it != slots_.end())
    return it->second.width;
  if (const auto it = inputs_.find(op.name); it != inputs_.end())
    return it->second->getType()->getIntegerBitWidth();
  return 0;
}

Value* Emitter::readName(const std::string& name) {
  if (const auto it = slots_.find(name); it != slots_.end()) {
    return rt.load(b.getIntNTy(it->second.width), it->second.place);
  }
  if (const auto it = inputs_.find(name); it != inputs_.end())
    return it->second;
  return specialRegister(name);
}

Value* Emitter::read(const Operand& op, unsigned width) {
  auto* type = b.getIntNTy(width);
  switch (op.kind) {
  case Operand::Kind::Integer: return llvm::ConstantInt::get(type, llvm::APInt(64, op.bits, true).sextOrTrunc(width));
  case Operand::Kind::Float: {
    if (!op.is_double || width == 64)
      return llvm::ConstantInt::get(type, op.bits);
    const auto value = static_cast<float>(llvm::bit_cast<double>(op.bits));
    return llvm::ConstantInt::get(type, llvm::bit_cast<std::uint32_t>(value));
  }
  case Operand::Kind::Name: break;
  default: return nullptr;
  }
  Value* value = readName(op.name);
  if (!value)
    return nullptr;
  if (op.negated)
    value = b.CreateNot(value);
  return b.CreateZExtOrTrunc(value, type);
}

Value* Emitter::readAs(const Operand& op, const Type& type) {
  Value* value = read(op, type.width());
  return value ? asType(value, type) : nullptr;
}

Value* Emitter::readPredicate(const std::string& name, bool negated) {
  Operand op;
  op.name = name;
  op.negated = negated;
  return read(op, 1);
}

void Emitter::write(const Operand& op, Value* value, bool sign) {
  if (op.kind == Operand::Kind::Name)
    writeName(op.name, value, sign);
}

void Emitter::writeName(const std::string& name, Value* value, bool sign) {
  const auto it = slots_.find(name);
  if (it == slots_.end())
    return;
  auto* type = b.getIntNTy(it->second.width);
  value = bits(value);
  rt.store(sign ? b.CreateSExtOrTrunc(value, type) : b.CreateZExtOrTrunc(value, type), it->second.place);
}

Value* Emitter::address(const Operand& op, unsigned address_space) {
  const bool bare = op.kind == Operand::Kind::Name; // "prefetch %0" and the like
  Value* sum = nullptr;
  const std::vector<Operand> terms = bare ? std::vector<Operand>{op} : op.parts;
  for (const Operand& term : terms) {
    Value* value = readName(term.name);
    if (!value)
      return nullptr;
    if (!sum) {
      sum = value;
    } else { // a term that is no wider than the base is an index or an immediate: signed
      auto* wide = b.getIntNTy(std::max(sum->getType()->getIntegerBitWidth(), value->getType()->getIntegerBitWidth()));
      sum = b.CreateAdd(b.CreateZExt(sum, wide), b.CreateSExt(value, wide));
    }
  }
  if (!sum)
    return nullptr;
  if (op.offset != 0) {
    const unsigned width = sum->getType()->getIntegerBitWidth();
    sum = b.CreateAdd(
        sum, llvm::ConstantInt::get(b.getContext(), llvm::APInt(width, static_cast<std::uint64_t>(op.offset), true)));
  }
  return b.CreateIntToPtr(sum, b.getPtrTy(address_space));
}

Value* Emitter::bits(Value* value) {
  llvm::Type* type = value->getType();
  if (type->isIntegerTy())
    return value;
  return b.CreateBitCast(value, b.getIntNTy(type->getPrimitiveSizeInBits()));
}

Value* Emitter::asType(Value* value, const Type& type) {
  if (type.kind != Type::Kind::Float)
    return value;
  return b.CreateBitCast(value, type.bits == 64 ? b.getDoubleTy() : b.getFloatTy());
}

llvm::Type* Emitter::laneType(const Type& type) {
  if (type.kind != Type::Kind::Float)
    return b.getInt32Ty();
  return type.bits == 64 ? b.getDoubleTy() : b.getFloatTy();
}

Value* Emitter::lane(Value* packed, unsigned index, const Type& type) {
  if (type.kind == Type::Kind::Float)
    return packed;
  if (index > 0)
    packed = b.CreateLShr(packed, index * type.bits);
  return b.CreateZExt(b.CreateTrunc(packed, b.getIntNTy(type.bits)), b.getInt32Ty());
}

Value* Emitter::pack(llvm::ArrayRef<Value*> lanes, const Type& type) {
  if (type.kind == Type::Kind::Float)
    return lanes[0];
  auto* whole = b.getIntNTy(type.width());
  Value* out = nullptr;
  for (unsigned i = 0; i < lanes.size(); ++i) {
    Value* part = b.CreateZExtOrTrunc(b.CreateTrunc(lanes[i], b.getIntNTy(type.bits)), whole);
    if (i > 0)
      part = b.CreateShl(part, i * type.bits);
    out = out ? b.CreateOr(out, part) : part;
  }
  return out;
}

Value* Emitter::specialRegister(llvm::StringRef name) {
  using namespace llvm::Intrinsic;
  static const std::map<std::string, ID, std::less<>> kIntrinsics = {{"%tid.x", nvvm_read_ptx_sreg_tid_x},
                                                                     {"%tid.y", nvvm_read_ptx_sreg_tid_y},
                                                                     {"%tid.z", nvvm_read_ptx_sreg_tid_z},
                                                                     {"%ntid.x", nvvm_read_ptx_sreg_ntid_x},
                                                                     {"%ntid.y", nvvm_read_ptx_sreg_ntid_y},
                                                                     {"%ntid.z", nvvm_read_ptx_sreg_ntid_z},
                                                                     {"%ctaid.x", nvvm_read_ptx_sreg_ctaid_x},
                                                                     {"%ctaid.y", nvvm_read_ptx_sreg_ctaid_y},
                                                                     {"%ctaid.z", nvvm_read_ptx_sreg_ctaid_z},
                                                                     {"%nctaid.x", nvvm_read_ptx_sreg_nctaid_x},
                                                                     {"%nctaid.y", nvvm_read_ptx_sreg_nctaid_y},
                                                                     {"%nctaid.z", nvvm_read_ptx_sreg_nctaid_z},
                                                                     {"%laneid", nvvm_read_ptx_sreg_laneid},
                                                                     {"%warpid", nvvm_read_ptx_sreg_warpid},
                                                                     {"%nwarpid", nvvm_read_ptx_sreg_nwarpid},
                                                                     {"%smid", nvvm_read_ptx_sreg_smid},
                                                                     {"%nsmid", nvvm_read_ptx_sreg_nsmid},
                                                                     {"%gridid", nvvm_read_ptx_sreg_gridid},
                                                                     {"%lanemask_eq", nvvm_read_ptx_sreg_lanemask_eq},
                                                                     {"%lanemask_lt", nvvm_read_ptx_sreg_lanemask_lt},
                                                                     {"%lanemask_le", nvvm_read_ptx_sreg_lanemask_le},
                                                                     {"%lanemask_gt", nvvm_read_ptx_sreg_lanemask_gt},
                                                                     {"%lanemask_ge", nvvm_read_ptx_sreg_lanemask_ge}};
  if (const auto it = kIntrinsics.find(name); it != kIntrinsics.end())
    return b.CreateIntrinsic(it->second, {}, {});
  if (name == "%reserved_smem_offset_1") {
    llvm::Function* address = rt.module().getFunction(lower::kReservedSharedName);
    return address ? b.CreateCall(address) : nullptr;
  }
  // The driver's workspace of a cooperative launch; what would use it is unsupported by name (grid barriers,
  // control.cpp).
  if (name == "%envreg1" || name == "%envreg2")
    return b.getInt32(name == "%envreg2" ? 0x100 : 0);
  if (name == "WARP_SZ")
    return b.getInt32(32);
  if (name == "%clock" || name == "%clock_hi" || name == "%clock64" || name == "%globaltimer" ||
      name == "%globaltimer_lo" || name == "%globaltimer_hi") {
    Value* clock = rt.call("kv_clock", b.getInt64Ty(), {});
    if (name.ends_with("_hi"))
      return b.CreateTrunc(b.CreateLShr(clock, 32), b.getInt32Ty());
    return name == "%clock" || name.ends_with("_lo") ? b.CreateTrunc(clock, b.getInt32Ty()) : clock;
  }
  return nullptr;
}

} // namespace kverify::simt::ptx
