// ld, st, cp.async, and what only gives hints to the memory system.
#include "simt/ptx/emitter.h"

namespace kverify::simt::ptx {
namespace {

using llvm::Value;

struct Access {
  unsigned space = 0;
  unsigned count = 1;
  Type type;
  bool is_volatile = false;
  llvm::AtomicOrdering ordering = llvm::AtomicOrdering::NotAtomic;
  std::string scope;
};

/// Cache operators, eviction and prefetch hints change no result. `.level::cache_hint` adds an operand: see callers.
void ignoreCacheWords(Mods& mods) {
  mods.ignore({"ca", "cg", "cs", "lu", "cv", "wb", "wt", "nc", "weak", "unified"});
  mods.ignorePrefix("L1::");
  mods.ignorePrefix("L2::");
}

bool takeAccess(Mods& mods, Access& out) {
  const std::string space = mods.takeOneOf({"global", "shared", "shared::cta", "const", "local"});
  out.space = space == "global" ? 1 : space.starts_with("shared") ? 3 : space == "const" ? 4 : space == "local" ? 5 : 0;
  out.is_volatile = mods.take("volatile");
  if (mods.take("relaxed") || mods.take("mmio"))
    out.ordering = llvm::AtomicOrdering::Monotonic;
  if (mods.take("acquire"))
    out.ordering = llvm::AtomicOrdering::Acquire;
  if (mods.take("release"))
    out.ordering = llvm::AtomicOrdering::Release;
  out.scope = mods.takeOneOf({"cta", "cluster", "gpu", "sys"});
  ignoreCacheWords(mods);
  out.count = mods.take("v2") ? 2 : mods.take("v4") ? 4 : mods.take("v8") ? 8 : 1;
  const auto type = mods.takeType();
  if (type)
    out.type = *type;
  return type.has_value();
}

llvm::Type* memoryType(Emitter& e, const Access& access) {
  auto* element = e.b.getIntNTy(access.type.width());
  return access.count == 1 ? static_cast<llvm::Type*>(element) : llvm::FixedVectorType::get(element, access.count);
}

// Natural alignment of the whole access is PTX's rule; stating it makes the executor check it.
llvm::Align alignment(const Access& access) {
  return llvm::Align(access.type.width() / 8 * access.count);
}

/// Orders a load or store; a vector is ordered by fences around a volatile access.
template <class I>
void order(Emitter& e, const Access& access, I* instruction) {
  if (access.is_volatile)
    instruction->setVolatile(true);
  if (access.ordering == llvm::AtomicOrdering::NotAtomic)
    return;
  if (access.count > 1 || access.type.width() > 64) {
    instruction->setVolatile(true);
    return;
  }
  const bool block = access.scope == "cta";
  instruction->setAtomic(access.ordering, e.b.getContext().getOrInsertSyncScopeID(block                   ? "block"
                                                                                  : access.scope == "gpu" ? "device"
                                                                                                          : ""));
}

bool load(Emitter& e, const Statement& s, Mods& mods) {
  Access access;
  if (!takeAccess(mods, access) || s.operands.size() < 2 || s.operands.size() > 3 || !mods.allTaken())
    return false;
  Value* from = e.address(s.operands[1], access.space);
  if (!from)
    return false;
  const bool vector = s.operands[0].kind == Operand::Kind::Vector;
  if (vector != (access.count > 1) || (vector && s.operands[0].parts.size() != access.count))
    return false;
  auto* value = e.b.CreateAlignedLoad(memoryType(e, access), from, alignment(access));
  order(e, access, value);
  if (!vector) {
    e.write(s.operands[0], value, access.type.isSigned());
    return true;
  }
  for (unsigned i = 0; i < access.count; ++i) {
    e.write(s.operands[0].parts[i], e.b.CreateExtractElement(value, i), access.type.isSigned());
  }
  return true;
}

bool store(Emitter& e, const Statement& s, Mods& mods) {
  Access access;
  if (!takeAccess(mods, access) || s.operands.size() < 2 || s.operands.size() > 3 || !mods.allTaken())
    return false;
  Value* to = e.address(s.operands[0], access.space);
  if (!to)
    return false;
  const bool vector = s.operands[1].kind == Operand::Kind::Vector;
  if (vector != (access.count > 1) || (vector && s.operands[1].parts.size() != access.count))
    return false;
  Value* value = vector ? llvm::PoisonValue::get(memoryType(e, access)) : e.read(s.operands[1], access.type.width());
  for (unsigned i = 0; vector && i < access.count; ++i) {
    Value* part = e.read(s.operands[1].parts[i], access.type.width());
    if (!part)
      return false;
    value = e.b.CreateInsertElement(value, part, i);
  }
  if (!value)
    return false;
  order(e, access, e.b.CreateAlignedStore(value, to, alignment(access)));
  return true;
}

bool asyncCopy(Emitter& e, const Statement& s, Mods& mods) {
  mods.take("async");
  if (mods.take("commit_group")) {
    e.rt.call("kv_async_commit", e.b.getVoidTy(), {});
    return true;
  }
  const bool all = mods.take("wait_all");
  if (all || mods.take("wait_group")) {
    Value* left = all ? e.b.getInt32(~0u) : s.operands.size() == 1 ? e.read(s.operands[0], 32) : nullptr;
    if (!left)
      return false;
    e.rt.call("kv_async_wait", e.b.getVoidTy(), {left});
    return true;
  }
  const bool hint = [&] {
    for (const std::string& word : s.words) {
      if (word == "L2::cache_hint")
        return true;
    }
    return false;
  }();
  if (mods.takeOneOf({"ca", "cg"}).empty() || mods.takeOneOf({"shared", "shared::cta"}).empty() ||
      !mods.take("global")) {
    return false;
  }
  mods.ignorePrefix("L2::");
  const std::size_t count = s.operands.size() - (hint ? 1 : 0);
  if (count < 3 || count > 4 || !mods.allTaken())
    return false;
  Value *to = e.address(s.operands[0], 3), *from = e.address(s.operands[1], 1);
  Value* bytes = e.read(s.operands[2], 32);
  if (!to || !from || !bytes)
    return false;
  Value* source_bytes = bytes;
  if (count == 4) { // src-size in bytes, or a predicate that leaves only zeros
    const bool predicate = e.widthOf(s.operands[3]) == 1;
    source_bytes = e.read(s.operands[3], predicate ? 1 : 32);
    if (!source_bytes)
      return false;
    if (predicate)
      source_bytes = e.b.CreateSelect(source_bytes, e.b.getInt32(0), bytes);
  }
  auto* generic = e.b.getPtrTy();
  e.rt.call("kv_async_copy", e.b.getVoidTy(),
            {e.b.CreateAddrSpaceCast(to, generic), e.b.CreateAddrSpaceCast(from, generic), bytes, source_bytes});
  return true;
}

bool hint(Emitter&, const Statement& s, Mods& mods) {
  if (mods.opcode() == "discard")
    return false; // makes the data undefined: not a mere hint
  const std::string rest = mods.takeRest();
  return rest.find("tensor") == std::string::npos && !s.operands.empty();
}

// A cache policy is opaque; zero is as good as any, because nothing here looks at it.
bool createPolicy(Emitter& e, const Statement& s, Mods& mods) {
  mods.takeRest();
  if (s.operands.empty())
    return false;
  e.write(s.operands[0], e.b.getInt64(0));
  return true;
}

bool isspacep(Emitter& e, const Statement& s, Mods& mods) {
  const std::string space = mods.takeOneOf({"global", "shared", "shared::cta", "const", "local"});
  if (space.empty() || s.operands.size() != 2)
    return false;
  Value* pointer = e.address(s.operands[1], 0);
  if (!pointer)
    return false;
  const std::string name = "llvm.nvvm.isspacep." + (space == "shared::cta" ? "shared" : space);
  e.write(s.operands[0], e.rt.call(name, e.b.getInt1Ty(), {pointer}));
  return true;
}

} // namespace

void addMemoryOps(HandlerTable& table) {
  table["ld"] = table["ldu"] = load;
  table["st"] = store;
  table["cp"] = asyncCopy;
  table["prefetch"] = table["prefetchu"] = table["applypriority"] = hint;
  table["createpolicy"] = createPolicy;
  table["isspacep"] = isspacep;
}

} // namespace kverify::simt::ptx
