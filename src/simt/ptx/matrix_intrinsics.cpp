// llvm.nvvm.mma.*, ldmatrix.* and cp.async.*.
#include "simt/ptx/intrinsics.h"
#include "simt/ptx/matrix.h"

namespace kverify::simt::ptx {
namespace {

using llvm::Value;
using Words = std::vector<std::string>;

bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Value* word(Runtime& rt, Value* value) {
  return value->getType()->isIntegerTy(32) ? value : rt.b.CreateBitCast(value, rt.b.getInt32Ty());
}

void finish(llvm::CallInst* call, Value* result) {
  if (result)
    call->replaceAllUsesWith(result);
  call->eraseFromParent();
}

/// Registers as the value of an intrinsic: one, or a struct of them, of any 32-bit types.
Value* gather(Runtime& rt, llvm::Type* type, const std::vector<Value*>& words) {
  if (!type->isStructTy())
    return rt.b.CreateBitCast(words[0], type);
  Value* all = llvm::PoisonValue::get(type);
  for (unsigned i = 0; i < words.size(); ++i) {
    all = rt.b.CreateInsertValue(all, rt.b.CreateBitCast(words[i], type->getStructElementType(i)), i);
  }
  return all;
}

/// mma.m16n8k16.row.col.f32.f32 names D and C for f16; others name the factors only: mma.m16n8k8.row.col.tf32.
std::string productName(const Words& w) {
  const std::string head = w[0] + "." + w[1] + "." + w[2] + "." + w[3];
  const bool saturate = has(w, "satfinite");
  const std::string& last = w.back();
  if (last == "bf16" || last == "tf32")
    return head + ".f32." + last + "." + last + ".f32";
  const std::string& before = w[w.size() - 2];
  if (last == "f32" || last == "f16")
    return head + "." + before + ".f16.f16." + last;
  const std::string a = before == "s8" || before == "u8" ? before : last;
  return head + (saturate ? ".satfinite" : "") + ".s32." + a + "." + last + ".s32";
}

bool lowerProduct(llvm::CallInst* call, Runtime& rt, const Words& words) {
  if (words.size() < 5)
    return false;
  std::vector<Value*> in;
  for (Value* arg : call->args()) {
    if (arg->getType()->getPrimitiveSizeInBits() != 32)
      return false;
    in.push_back(word(rt, arg));
  }
  const auto out = emitWarpOp(rt, productName(words), in);
  if (!out)
    return false;
  finish(call, gather(rt, call->getType(), *out));
  return true;
}

bool lowerLoadMatrix(llvm::CallInst* call, Runtime& rt, const Words& words) {
  if (!has(words, "m8n8") || !has(words, "b16"))
    return false;
  const unsigned count = has(words, "x1") ? 1 : has(words, "x2") ? 2 : 4;
  const auto out = emitLoadMatrix(rt, call->getArgOperand(0), count, has(words, "trans"));
  finish(call, gather(rt, call->getType(), out));
  return true;
}

// cp.async.ca.shared.global.16(dst, src), with .s a source size; commit.group; wait.group(n); wait.all
bool lowerAsync(llvm::CallInst* call, Runtime& rt, const Words& words) {
  auto* nothing = rt.b.getVoidTy();
  if (has(words, "commit")) {
    rt.call("kv_async_commit", nothing, {});
  } else if (has(words, "wait") && !has(words, "bulk")) {
    rt.call("kv_async_wait", nothing, {has(words, "all") ? rt.b.getInt32(~0u) : call->getArgOperand(0)});
  } else if ((has(words, "ca") || has(words, "cg")) && has(words, "global")) {
    Value* bytes = rt.b.getInt32(has(words, "16") ? 16 : has(words, "8") ? 8 : 4);
    Value* given = call->arg_size() == 3 ? call->getArgOperand(2) : bytes;
    auto* generic = rt.b.getPtrTy();
    rt.call("kv_async_copy", nothing,
            {rt.b.CreateAddrSpaceCast(call->getArgOperand(0), generic),
             rt.b.CreateAddrSpaceCast(call->getArgOperand(1), generic), bytes, given});
  } else {
    return false;
  }
  finish(call, nullptr);
  return true;
}

} // namespace

void lowerMatrixIntrinsic(llvm::CallInst* call, Runtime& rt, const Words& words) {
  if (words[0] == "mma") {
    lowerProduct(call, rt, words);
  } else if (words[0] == "wmma") {
    lowerWmmaIntrinsic(call, rt, words);
  } else if (words[0] == "ldmatrix") {
    lowerLoadMatrix(call, rt, words);
  } else if (words[0] == "cp" && words.size() > 2 && words[1] == "async" && words[2] != "bulk") {
    lowerAsync(call, rt, words);
  }
}

} // namespace kverify::simt::ptx
