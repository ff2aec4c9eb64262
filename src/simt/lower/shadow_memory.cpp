// Loads, stores, atomics and shuffles: shadows go where the bits go.
#include <llvm/IR/Constants.h>

#include "simt/lower/shadow_function.h"

namespace kverify::simt::lower {

using llvm::Instruction;
using llvm::Value;

Lanes ShadowFunction::loadFloats(llvm::LoadInst& load) {
  ShadowAfter b(load);
  std::uint32_t site = sites_.add(load, "load");
  llvm::Type* type = load.getType()->getScalarType();
  std::uint64_t bytes = m_.getDataLayout().getTypeStoreSize(type);
  llvm::SmallVector<Lane, 4> elements;
  const std::optional<LocalArray> local = localAt(load.getPointerOperand());
  const bool own = isOwnShared(load.getPointerOperand());
  for (unsigned i = 0; i < elementsIn(load.getType()); ++i) {
    if (local) {
      elements.push_back(loadLocal(b, *local, i));
      continue;
    }
    if (own) {
      elements.push_back(lane(b, "kv_sh_load_own",
                              {origin_, addressOf(b, load.getPointerOperand(), i * bytes), b.getInt32(granule_log2_)}));
      continue;
    }
    Value* element = elementOf(b, &load, i);
    elements.push_back(lane(b, "kv_sh_load",
                            {origin_, state_, addressOf(b, load.getPointerOperand(), i * bytes), stampOf(b, element),
                             asDouble(b, element), b.getInt32(granule_log2_), b.getInt32(site)}));
  }
  return spread(elements, type);
}

Lanes ShadowFunction::readLanes(ShadowBuilder& b, Value* address, unsigned count) {
  Lanes lanes;
  for (unsigned i = 0; i < count; ++i) {
    Value* at = i ? b.CreateAdd(address, b.getInt64(std::uint64_t{i} << granule_log2_)) : address;
    lanes.push_back(lane(b, "kv_sh_read_lane", {origin_, at, b.getInt32(granule_log2_)}, true));
  }
  return lanes;
}

void ShadowFunction::writeLanes(ShadowBuilder& b, Value* address, const Lanes& lanes) {
  for (unsigned i = 0; i < lanes.size(); ++i) {
    Value* at = i ? b.CreateAdd(address, b.getInt64(std::uint64_t{i} << granule_log2_)) : address;
    if (lanes[i].isVoid() || !lanes[i].stamp)
      call(b, "kv_sh_void", b.getVoidTy(), {origin_, at, b.getInt32(1), b.getInt32(granule_log2_)});
    else
      call(b, "kv_sh_write_lane", b.getVoidTy(),
           {origin_, at, lanes[i].part[0], lanes[i].part[1], lanes[i].stamp, b.getInt32(granule_log2_)});
  }
}

void ShadowFunction::storeFloat(ShadowBuilder& b, Value* address, const Lane& lane, Value* value) {
  call(b, "kv_sh_store", b.getVoidTy(),
       {origin_, address, lane.part[0], lane.part[1], stampOf(b, value),
        b.getInt32(std::max(1u, lanesIn(value->getType()))), b.getInt32(granule_log2_)});
}

void ShadowFunction::store(llvm::StoreInst& store) {
  Value* value = store.getValueOperand();
  llvm::Type* type = value->getType();
  ShadowAfter b(store);
  if (formatOf(type->getScalarType()) == shadow::kNoFormat) {
    Lanes lanes = lanesOf(value);
    bool carries = false;
    for (const Lane& lane : lanes)
      carries |= !lane.isVoid();
    Value* address = addressOf(b, store.getPointerOperand(), 0);
    if (carries)
      return writeLanes(b, address, lanes);
    std::uint64_t bytes = m_.getDataLayout().getTypeStoreSize(type).getFixedValue();
    auto cells = static_cast<std::uint32_t>(std::max<std::uint64_t>(1, bytes >> granule_log2_));
    call(b, "kv_sh_void", b.getVoidTy(), {origin_, address, b.getInt32(cells), b.getInt32(granule_log2_)});
    return;
  }
  Lanes lanes = lanesOf(value);
  std::uint64_t bytes = m_.getDataLayout().getTypeStoreSize(type->getScalarType());
  unsigned per_element = std::max(1u, lanesIn(type->getScalarType()));
  if (const std::optional<LocalArray> local = localAt(store.getPointerOperand())) {
    for (unsigned i = 0; i < elementsIn(type); ++i)
      storeLocal(b, *local, i, lanes[i * per_element]);
    return;
  }
  if (isOwnShared(store.getPointerOperand())) {
    for (unsigned i = 0; i < elementsIn(type); ++i) {
      const Lane& lane = lanes[i * per_element];
      call(b, "kv_sh_store_own", b.getVoidTy(),
           {origin_, addressOf(b, store.getPointerOperand(), i * bytes), lane.part[0], lane.part[1],
            b.getInt32(granule_log2_)});
    }
    return;
  }
  for (unsigned i = 0; i < elementsIn(type); ++i)
    storeFloat(b, addressOf(b, store.getPointerOperand(), i * bytes), lanes[i * per_element], elementOf(b, value, i));
}

/// The old value's shadow is the result's; blocks run on one host thread, so nobody comes between.
void ShadowFunction::atomic(llvm::AtomicRMWInst& rmw) {
  using Rmw = llvm::AtomicRMWInst;
  ShadowAfter b(rmw);
  Value* address = addressOf(b, rmw.getPointerOperand(), 0);
  std::uint32_t site = sites_.add(rmw, "atomic");
  llvm::Type* type = rmw.getType();
  unsigned count = std::max(1u, lanesIn(type));
  if (formatOf(type) == shadow::kNoFormat) {
    Lanes old = lanesIn(type) ? readLanes(b, address, count) : Lanes(count);
    values_[&rmw] = old;
    Lanes next(count);
    Rmw::BinOp op = rmw.getOperation();
    bool picks = op == Rmw::Max || op == Rmw::Min || op == Rmw::UMax || op == Rmw::UMin;
    if (op == Rmw::Xchg)
      next = lanesOf(rmw.getValOperand());
    if (picks && lanesIn(type)) { // float maxima by way of integers
      auto predicate = op == Rmw::Max    ? llvm::CmpInst::ICMP_SGT
                       : op == Rmw::Min  ? llvm::CmpInst::ICMP_SLT
                       : op == Rmw::UMax ? llvm::CmpInst::ICMP_UGT
                                         : llvm::CmpInst::ICMP_ULT;
      Value* mine = b.CreateICmp(predicate, rmw.getValOperand(), &rmw);
      Lanes given = lanesOf(rmw.getValOperand());
      for (unsigned i = 0; i < count; ++i)
        next[i] = choose(b, mine, given[i], old[i], true);
    }
    writeLanes(b, address, next);
    return;
  }
  Value* old_double = asDouble(b, &rmw);
  Lane old =
      lane(b, "kv_sh_load",
           {origin_, state_, address, stampOf(b, &rmw), old_double, b.getInt32(granule_log2_), b.getInt32(site)});
  values_[&rmw] = spread({old}, type);
  Operand given = operand(b, rmw.getValOperand(), 0);
  Value* result = rmw.getValOperand();
  Lane next = given.lane;
  auto combine = [&](std::uint32_t op) { next = apply(b, op, {{old, old_double}, given}, asDouble(b, result), site); };
  switch (rmw.getOperation()) {
  case Rmw::FAdd: result = b.CreateFAdd(&rmw, rmw.getValOperand()), combine(shadow::kAdd); break;
  case Rmw::FSub: result = b.CreateFSub(&rmw, rmw.getValOperand()), combine(shadow::kSub); break;
  case Rmw::FMax: result = b.CreateMaxNum(&rmw, rmw.getValOperand()), combine(shadow::kMax); break;
  case Rmw::FMin: result = b.CreateMinNum(&rmw, rmw.getValOperand()), combine(shadow::kMin); break;
  default: break;
  }
  storeFloat(b, address, next, result);
}

void ShadowFunction::exchange(llvm::AtomicCmpXchgInst& exchange) {
  ShadowAfter b(exchange);
  llvm::Type* type = exchange.getNewValOperand()->getType();
  Value* address = addressOf(b, exchange.getPointerOperand(), 0);
  if (lanesIn(type) == 0) {
    values_[&exchange] = Lanes(1);
    call(b, "kv_sh_void", b.getVoidTy(), {origin_, address, b.getInt32(1), b.getInt32(granule_log2_)});
    return;
  }
  Lanes old = readLanes(b, address, lanesIn(type)), given = lanesOf(exchange.getNewValOperand()), next(old.size());
  values_[&exchange] = old;
  Value* done = b.CreateExtractValue(&exchange, 1);
  for (unsigned i = 0; i < old.size(); ++i)
    next[i] = choose(b, done, given[i], old[i], true);
  writeLanes(b, address, next);
}

void ShadowFunction::transfer(llvm::MemIntrinsic& transfer) {
  ShadowAfter b(transfer);
  if (const std::optional<LocalArray> local = localAt(transfer.getRawDest()))
    return clearLocal(b, *local, transfer.getLength());
  Value* to = addressOf(b, transfer.getRawDest(), 0);
  Value* bytes = b.CreateZExtOrTrunc(transfer.getLength(), word());
  if (auto* copy = llvm::dyn_cast<llvm::MemTransferInst>(&transfer))
    call(b, "kv_host_shadow_copy", b.getVoidTy(), {state_, to, addressOf(b, copy->getRawSource(), 0), bytes});
  else
    call(b, "kv_host_shadow_clear", b.getVoidTy(), {state_, to, bytes});
}

/// kv_shfl(…) becomes kv_shfl_shadow(…, cells of the value, room for the result's, how many).
void ShadowFunction::shuffle(llvm::CallInst& shfl) {
  Lanes in = lanesOf(shfl.getArgOperand(2));
  unsigned count = lanesIn(shfl.getType());
  Lanes out(count);
  bool carries = false;
  for (const Lane& lane : in)
    carries |= !lane.isVoid();
  if (!carries) {
    values_[&shfl] = out;
    return;
  }
  ShadowBuilder entry(prelude_);
  auto* cells = llvm::ArrayType::get(word(), 4 * count);
  auto room = [&] {
    llvm::AllocaInst* place = entry.CreateAlloca(cells);
    place->setAlignment(llvm::Align(32));
    place->setMetadata(kNoInstrument, llvm::MDNode::get(m_.getContext(), {}));
    return place;
  };
  Value *from = room(), *to = room();
  ShadowBuilder b(&shfl);
  auto cellAt = [&](Value* place, unsigned i) { return b.CreateConstInBoundsGEP1_64(word(), place, 4 * i); };
  for (unsigned i = 0; i < count; ++i) {
    bool full = !in[i].isVoid();
    call(b, "kv_sh_write_cell", b.getVoidTy(),
         {cellAt(from, i), full ? in[i].part[0] : nothing(0), full ? in[i].part[1] : nothing(1),
          in[i].stamp ? in[i].stamp : zero()});
  }
  llvm::SmallVector<Value*, 9> arguments(shfl.args());
  arguments.append({from, to, b.getInt32(count)});
  Value* result = call(b, "kv_shfl_shadow", shfl.getType(), arguments);
  for (unsigned i = 0; i < count; ++i)
    out[i] = lane(b, "kv_sh_read_cell", {cellAt(to, i)}, true);
  shfl.replaceAllUsesWith(result);
  carriers_.insert(result);
  values_[result] = out;
  values_[&shfl] = out;
  dead_.push_back(&shfl);
}

} // namespace kverify::simt::lower
