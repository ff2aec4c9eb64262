#include "frontend/arithmetic_used.h"

#include <algorithm>

#include <fmt/format.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

namespace kverify::frontend {
namespace {

/// Bits of the significand: what is narrower allows the larger error.
int significand(Arithmetic type) {
  switch (type) {
  case Arithmetic::F64: return 52;
  case Arithmetic::F32: return 23;
  case Arithmetic::TF32:
  case Arithmetic::F16: return 10;
  case Arithmetic::BF16: return 7;
  case Arithmetic::E4M3: return 3;
  case Arithmetic::E5M2: return 2;
  }
  return 0;
}

void narrow(Arithmetic& known, Arithmetic type) {
  if (significand(type) < significand(known) || (known == Arithmetic::TF32 && type == Arithmetic::F16)) // F16 overflows, too
    known = type;
}

bool has(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

/// "f16" as a type of its own, not the end of "bf16".
bool hasHalf(const std::string& text) {
  for (std::size_t at = text.find("f16"); at != std::string::npos; at = text.find("f16", at + 1))
    if (at == 0 || text[at - 1] != 'b')
      return true;
  return false;
}

class Reader {
public:
  void read(const llvm::Instruction& instruction) {
    const llvm::Type* type = instruction.getType()->getScalarType();
    Arithmetic narrow_type = type->isHalfTy() ? Arithmetic::F16 : type->isBFloatTy() ? Arithmetic::BF16 : Arithmetic::F32;
    if (llvm::isa<llvm::BinaryOperator>(instruction))
      narrow(used_.accumulates, narrow_type);
    if (llvm::isa<llvm::FPTruncInst>(instruction))
      narrow(used_.rounds, narrow_type);
    const auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
    if (!call)
      return;
    if (const auto* assembly = llvm::dyn_cast<llvm::InlineAsm>(call->getCalledOperand()))
      readText(std::string(assembly->getAsmString()));
    else if (const llvm::Function* callee = call->getCalledFunction(); callee && callee->isDeclaration())
      readText(callee->getName().str());
  }
  ArithmeticUsed take() {
    narrow(used_.rounds, used_.accumulates);
    return std::move(used_);
  }

private:
  /// PTX, or the name of an intrinsic or of a library's function: both name their types.
  void readText(const std::string& text) {
    bool moves = has(text, "ld.") || has(text, "st.") || has(text, "mov.") || has(text, ".load.") || has(text, ".store.") || has(text, "ldmatrix");
    if (!moves)
      readTypes(text);
    if (has(text, "ex2.approx") || has(text, "fast_exp"))
      used_.fast_exp = true;
    for (const char* one : {"tanh.approx", "lg2.approx", "sin.approx", "cos.approx", "fast_log", "fast_pow", "fast_sin", "fast_cos", "fast_tan"})
      if (has(text, one) && std::find(used_.approximations.begin(), used_.approximations.end(), one) == used_.approximations.end())
        used_.approximations.emplace_back(one);
  }
  void readTypes(const std::string& text) {
    bool converts = has(text, "cvt"), wide_sum = has(text, "mma") && has(text, "f32"); // products are summed in f32
    Arithmetic& kind = converts || wide_sum ? used_.rounds : used_.accumulates;
    if (has(text, "tf32"))
      narrow(used_.accumulates, Arithmetic::TF32);
    if (hasHalf(text))
      narrow(kind, Arithmetic::F16);
    if (has(text, "bf16"))
      narrow(kind, Arithmetic::BF16);
    if (has(text, "e4m3"))
      narrow(kind, Arithmetic::E4M3);
    if (has(text, "e5m2"))
      narrow(kind, Arithmetic::E5M2);
  }
  ArithmeticUsed used_;
};

} // namespace

Expected<ArithmeticUsed> arithmeticUsed(const DeviceModule& module) {
  llvm::LLVMContext context;
  auto parsed = llvm::parseBitcodeFile(llvm::MemoryBufferRef(module.bitcode, module.source.path), context);
  if (!parsed) {
    std::string why = llvm::toString(parsed.takeError());
    return fail(ErrorKind::Internal, fmt::format("the compiled module can't be read: {}", why), module.source.path);
  }
  Reader reader;
  for (const llvm::Function& function : **parsed)
    for (const llvm::Instruction& instruction : llvm::instructions(function))
      reader.read(instruction);
  return reader.take();
}

} // namespace kverify::frontend
