// llvm.nvvm.wmma.*: loads and stores of fragments are ordinary ones, element by element in the hardware's layout, so
// that every element is checked by itself; the product is an operation over the warp.
#include "simt/ptx/intrinsics.h"
#include "simt/ptx/matrix.h"
#include "simt/warp_ops/wmma.h"

namespace kverify::simt::ptx {
namespace {

using llvm::Value;
using warp_ops::Part;
using warp_ops::Place;
using warp_ops::Shape;
using Words = std::vector<std::string>;

bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

struct Fragment {
  Shape shape;
  Part part;
  bool tf32;
  bool by_column;
  unsigned rows, columns; ///< of the matrix
  unsigned bits;          ///< of an element
};

std::optional<Fragment> fragmentOf(const Words& w) {
  Fragment f;
  f.tf32 = w[1] == "m16n16k8";
  if (w[1] == "m16n16k16" || f.tf32)
    f.shape = Shape::M16N16;
  else if (w[1] == "m32n8k16")
    f.shape = Shape::M32N8;
  else if (w[1] == "m8n32k16")
    f.shape = Shape::M8N32;
  else
    return std::nullopt;
  const std::string& part = w[3];
  f.part = part == "a" ? Part::A : part == "b" ? Part::B : Part::C;
  f.by_column = w[4] == "col";
  const unsigned m = f.shape == Shape::M32N8 ? 32 : f.shape == Shape::M8N32 ? 8 : 16;
  const unsigned n = f.shape == Shape::M32N8 ? 8 : f.shape == Shape::M8N32 ? 32 : 16, k = f.tf32 ? 8 : 16;
  f.rows = f.part == Part::B ? k : m;
  f.columns = f.part == Part::A ? k : n;
  if (!has(w, "f16") && !has(w, "bf16") && !has(w, "tf32") && !has(w, "f32"))
    return std::nullopt; // integers
  f.bits = has(w, "f32") || has(w, "tf32") ? 32 : 16;
  return f;
}

/// Addresses of a lane's elements: a slot's row and column are affine in lane/4 and lane%4.
class Slots {
public:
  Slots(Runtime& rt, const Fragment& f, Value* base, Value* stride)
      : rt_(rt), f_(f), base_(base), stride_(rt.b.CreateZExtOrTrunc(stride, rt.b.getInt64Ty())) {
    Value* lane = rt.call("kv_lane_id", rt.b.getInt32Ty(), {});
    group_ = rt.b.CreateZExt(rt.b.CreateLShr(lane, 2), rt.b.getInt64Ty());
    thread_ = rt.b.CreateZExt(rt.b.CreateAnd(lane, 3), rt.b.getInt64Ty());
  }

  Value* address(unsigned slot) {
    const Place origin = placeOf(0, slot), group = placeOf(4, slot), thread = placeOf(1, slot);
    const auto affine = [&](int at, int per_group, int per_thread) {
      Value* sum = rt_.b.CreateAdd(rt_.b.CreateMul(group_, rt_.b.getInt64(static_cast<unsigned>(per_group - at))),
                                   rt_.b.CreateMul(thread_, rt_.b.getInt64(static_cast<unsigned>(per_thread - at))));
      return rt_.b.CreateAdd(sum, rt_.b.getInt64(static_cast<unsigned>(at)));
    };
    Value* row = affine(origin.row, group.row, thread.row);
    Value* column = affine(origin.column, group.column, thread.column);
    Value* offset = f_.by_column ? rt_.b.CreateAdd(rt_.b.CreateMul(column, stride_), row)
                                 : rt_.b.CreateAdd(rt_.b.CreateMul(row, stride_), column);
    return rt_.b.CreateGEP(rt_.b.getIntNTy(f_.bits), base_, offset);
  }

private:
  Place placeOf(int lane, unsigned slot) const {
    return warp_ops::placeOf(f_.tf32, f_.shape, f_.part, lane, static_cast<int>(slot));
  }

  Runtime& rt_;
  const Fragment& f_;
  Value *base_, *stride_, *group_, *thread_;
};

Value* strideOf(llvm::CallInst* call, Runtime& rt, const Words& words, const Fragment& f, unsigned argument) {
  if (has(words, "stride"))
    return call->getArgOperand(argument);
  return rt.b.getInt32(f.by_column ? f.rows : f.columns);
}

unsigned distinct(const Fragment& f) {
  return static_cast<unsigned>(warp_ops::distinctSlots(f.tf32, f.shape, f.part));
}

bool lowerLoad(llvm::CallInst* call, Runtime& rt, const Words& words, const Fragment& f) {
  Slots slots(rt, f, call->getArgOperand(0), strideOf(call, rt, words, f, 1));
  auto* element = rt.b.getIntNTy(f.bits);
  std::vector<Value*> elements;
  for (unsigned i = 0; i < distinct(f); ++i) {
    elements.push_back(rt.b.CreateAlignedLoad(element, slots.address(i), llvm::Align(f.bits / 8)));
  }
  const unsigned per_word = 32 / f.bits;
  llvm::Type* type = call->getType();
  Value* all = llvm::PoisonValue::get(type);
  for (unsigned w = 0; w < type->getStructNumElements(); ++w) {
    Value* word = rt.b.getInt32(0);
    for (unsigned i = 0; i < per_word; ++i) {
      Value* part = rt.b.CreateZExt(elements[(w * per_word + i) % elements.size()], rt.b.getInt32Ty());
      word = rt.b.CreateOr(word, rt.b.CreateShl(part, i * f.bits));
    }
    all = rt.b.CreateInsertValue(all, rt.b.CreateBitCast(word, type->getStructElementType(w)), w);
  }
  call->replaceAllUsesWith(all);
  call->eraseFromParent();
  return true;
}

bool lowerStore(llvm::CallInst* call, Runtime& rt, const Words& words, const Fragment& f) {
  const unsigned count = 8 / (32 / f.bits);
  Slots slots(rt, f, call->getArgOperand(0), strideOf(call, rt, words, f, count + 1));
  for (unsigned w = 0; w < count; ++w) {
    Value* word = rt.b.CreateBitCast(call->getArgOperand(1 + w), rt.b.getInt32Ty());
    for (unsigned i = 0; i < 32 / f.bits; ++i) {
      Value* part = rt.b.CreateTrunc(rt.b.CreateLShr(word, i * f.bits), rt.b.getIntNTy(f.bits));
      rt.b.CreateAlignedStore(part, slots.address(w * (32 / f.bits) + i), llvm::Align(f.bits / 8));
    }
  }
  call->eraseFromParent();
  return true;
}

/// wmma.<shape>.mma.<A layout>.<B layout>.<D>.<C>, or .bf16, or .tf32: layouts no longer matter.
bool lowerProduct(llvm::CallInst* call, Runtime& rt, const Words& words) {
  if (has(words, "satfinite") || words.size() < 6)
    return false;
  std::string name = "wmma." + words[1];
  for (std::size_t i = 5; i < words.size(); ++i)
    name += "." + words[i];
  std::vector<Value*> in;
  for (Value* arg : call->args()) {
    if (arg->getType()->getPrimitiveSizeInBits() != 32)
      return false; // f64
    in.push_back(rt.b.CreateBitCast(arg, rt.b.getInt32Ty()));
  }
  const auto out = emitWarpOp(rt, name, in);
  if (!out)
    return false;
  llvm::Type* type = call->getType();
  Value* all = llvm::PoisonValue::get(type);
  for (unsigned i = 0; i < out->size(); ++i) {
    all = rt.b.CreateInsertValue(all, rt.b.CreateBitCast((*out)[i], type->getStructElementType(i)), i);
  }
  call->replaceAllUsesWith(all);
  call->eraseFromParent();
  return true;
}

} // namespace

bool lowerWmmaIntrinsic(llvm::CallInst* call, Runtime& rt, const std::vector<std::string>& words) {
  if (words.size() < 6)
    return false;
  if (words[2] == "mma")
    return lowerProduct(call, rt, words);
  const auto fragment = fragmentOf(words);
  if (!fragment)
    return false;
  return words[2] == "load" ? lowerLoad(call, rt, words, *fragment) : lowerStore(call, rt, words, *fragment);
}

} // namespace kverify::simt::ptx
