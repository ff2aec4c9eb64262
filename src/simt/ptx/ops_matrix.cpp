// mma.sync, ldmatrix, stmatrix, movmatrix: loads and stores are ordinary ones of the lanes that supply addresses, the
// rest is an exchange or a product over the warp (simt/warp_ops).
#include "simt/ptx/matrix.h"

#include "simt/ptx/emitter.h"
#include "simt/warp_ops/warp_ops.h"

namespace kverify::simt::ptx {

using llvm::Value;

namespace {

unsigned matrixCount(Mods& mods) {
  const std::string count = mods.takeOneOf({"x1", "x2", "x4"});
  return count.empty() ? 0 : static_cast<unsigned>(count[1] - '0');
}

/// Runs `body` in lanes 0 … lanes-1 only.
template <class F>
void inFirstLanes(Runtime& rt, unsigned lanes, F body) {
  if (lanes >= 32)
    return body();
  Value* mine = rt.b.CreateICmpULT(rt.call("kv_lane_id", rt.b.getInt32Ty(), {}), rt.b.getInt32(lanes));
  llvm::BasicBlock* after = rt.splitHere("asm.rows");
  auto* rows = llvm::BasicBlock::Create(rt.b.getContext(), "asm.row", after->getParent(), after);
  rt.b.CreateCondBr(mine, rows, after);
  rt.b.SetInsertPoint(rows);
  body();
  rt.b.CreateBr(after);
  rt.b.SetInsertPoint(after, after->begin());
}

} // namespace

std::vector<Value*> emitLoadMatrix(Runtime& rt, Value* row, unsigned count, bool transpose) {
  auto* row_type = llvm::ArrayType::get(rt.b.getInt32Ty(), 4);
  Value* staged = rt.buffer(row_type, "kv.row");
  inFirstLanes(rt, 8 * count, [&] {
    Value* words = rt.b.CreateAlignedLoad(llvm::FixedVectorType::get(rt.b.getInt32Ty(), 4), row, llvm::Align(16));
    for (unsigned i = 0; i < 4; ++i)
      rt.store(rt.b.CreateExtractElement(words, i), rt.element(staged, i));
  });
  std::vector<Value*> in;
  for (unsigned i = 0; i < 4; ++i)
    in.push_back(rt.load(rt.b.getInt32Ty(), rt.element(staged, i)));
  const auto op = warp_ops::find("ldmatrix.x" + std::to_string(count) + (transpose ? ".trans" : ""));
  return rt.warpOp(*op, in, count);
}

void emitStoreMatrix(Runtime& rt, Value* row, llvm::ArrayRef<Value*> fragments, bool transpose) {
  const auto count = static_cast<unsigned>(fragments.size());
  const auto op = warp_ops::find("stmatrix.x" + std::to_string(count) + (transpose ? ".trans" : ""));
  const std::vector<Value*> words = rt.warpOp(*op, fragments, 4);
  inFirstLanes(rt, 8 * count, [&] {
    Value* whole = llvm::PoisonValue::get(llvm::FixedVectorType::get(rt.b.getInt32Ty(), 4));
    for (unsigned i = 0; i < 4; ++i)
      whole = rt.b.CreateInsertElement(whole, words[i], i);
    rt.b.CreateAlignedStore(whole, row, llvm::Align(16));
  });
}

std::optional<std::vector<Value*>> emitWarpOp(Runtime& rt, const std::string& name, llvm::ArrayRef<Value*> in) {
  const auto op = warp_ops::find(name);
  if (!op)
    return std::nullopt;
  const auto& entry = warp_ops::table()[*op];
  if (entry.in_bytes != 4 * in.size())
    return std::nullopt;
  return rt.warpOp(*op, in, entry.out_bytes / 4);
}

namespace {

bool loadMatrix(Emitter& e, const Statement& s, Mods& mods) {
  if (!mods.take("sync") || !mods.take("aligned") || !mods.take("m8n8"))
    return false;
  const unsigned count = matrixCount(mods);
  const bool transpose = mods.take("trans");
  const std::string space = mods.takeOneOf({"shared", "shared::cta"});
  if (count == 0 || !mods.take("b16") || s.operands.size() != 2)
    return false;
  Value* row = e.address(s.operands[1], space.empty() ? 0 : 3);
  const Operand& to = s.operands[0];
  const std::size_t given = to.kind == Operand::Kind::Vector ? to.parts.size() : 1;
  if (!row || given != count || !mods.allTaken())
    return false;
  const auto out = emitLoadMatrix(e.rt, row, count, transpose);
  for (unsigned i = 0; i < count; ++i)
    e.write(to.kind == Operand::Kind::Vector ? to.parts[i] : to, out[i]);
  return true;
}

bool storeMatrix(Emitter& e, const Statement& s, Mods& mods) {
  if (!mods.take("sync") || !mods.take("aligned") || !mods.take("m8n8"))
    return false;
  const unsigned count = matrixCount(mods);
  const bool transpose = mods.take("trans");
  const std::string space = mods.takeOneOf({"shared", "shared::cta"});
  if (count == 0 || !mods.take("b16") || s.operands.size() != 2)
    return false;
  Value* row = e.address(s.operands[0], space.empty() ? 0 : 3);
  const Operand& from = s.operands[1];
  std::vector<Value*> in;
  if (from.kind != Operand::Kind::Vector)
    in.push_back(e.read(from, 32));
  for (const Operand& part : from.parts)
    in.push_back(e.read(part, 32));
  if (!row || in.size() != count || !mods.allTaken())
    return false;
  for (Value* value : in) {
    if (!value)
      return false;
  }
  emitStoreMatrix(e.rt, row, in, transpose);
  return true;
}

bool moveMatrix(Emitter& e, const Statement& s, Mods& mods) {
  for (const char* word : {"sync", "aligned", "m8n8", "trans", "b16"}) {
    if (!mods.take(word))
      return false;
  }
  Value* in = s.operands.size() == 2 ? e.read(s.operands[1], 32) : nullptr;
  if (!in)
    return false;
  e.write(s.operands[0], (*emitWarpOp(e.rt, "movmatrix.trans", {in}))[0]);
  return true;
}

// mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {d…}, {a…}, {b…}, {c…}
bool mma(Emitter& e, const Statement& s, Mods& mods) {
  if (!mods.take("sync") || !mods.take("aligned") || s.operands.size() != 4)
    return false;
  std::vector<Value*> in;
  for (unsigned i = 1; i < 4; ++i) {
    const Operand& op = s.operands[i];
    const std::vector<Operand> parts = op.kind == Operand::Kind::Vector ? op.parts : std::vector<Operand>{op};
    for (const Operand& part : parts) {
      in.push_back(e.read(part, 32));
      if (!in.back())
        return false;
    }
  }
  const auto out = emitWarpOp(e.rt, "mma." + mods.takeRest(), in);
  const Operand& to = s.operands[0];
  if (!out || out->size() != std::max<std::size_t>(1, to.parts.size()))
    return false;
  for (unsigned i = 0; i < out->size(); ++i)
    e.write(to.parts.empty() ? to : to.parts[i], (*out)[i]);
  return true;
}

} // namespace

void addMatrixOps(HandlerTable& table) {
  table["ldmatrix"] = loadMatrix;
  table["stmatrix"] = storeMatrix;
  table["movmatrix"] = moveMatrix;
  table["mma"] = mma;
}

} // namespace kverify::simt::ptx
