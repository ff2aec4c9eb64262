// Values of instructions as terms. A machine integer of n bits stands for its *signed* value.
#include <llvm/IR/Constants.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;

namespace {

unsigned bitsOf(const llvm::Value& value) {
  return value.getType()->isIntegerTy() ? value.getType()->getIntegerBitWidth() : 0;
}

} // namespace

TermPtr ModelBuilder::value(const llvm::Value* value, const llvm::BasicBlock* user) {
  TermPtr term = ownValue(value);
  const auto* instruction = dyn_cast<llvm::Instruction>(value);
  return instruction ? leave(term, instruction->getParent(), user) : term;
}

TermPtr ModelBuilder::leave(TermPtr term, const llvm::BasicBlock* from, const llvm::BasicBlock* to) {
  return afterLoops(pool_, term, loopsAround(from) & ~loopsAround(to));
}

TermPtr ModelBuilder::opaque(const llvm::Value& value, const char* why) {
  Sym sym;
  sym.name = std::string(why) + "." + std::to_string(next_opaque_++);
  if (const auto* instruction = dyn_cast<llvm::Instruction>(&value))
    sym.nest = loopsAround(instruction->getParent());
  unsigned bits = bitsOf(value);
  if (bits == 1) {
    sym.low = 0;
    sym.high = 1;
    return pool_.eq(pool_.symbol(sym), pool_.constant(1));
  }
  if (bits > 0 && bits <= 64) {
    sym.low = llvm::APInt::getSignedMinValue(bits).getSExtValue();
    sym.high = llvm::APInt::getSignedMaxValue(bits).getSExtValue();
  }
  return pool_.symbol(sym);
}

TermPtr ModelBuilder::fromConstant(const llvm::Constant& constant) {
  if (const auto* integer = dyn_cast<llvm::ConstantInt>(&constant)) {
    if (integer->getBitWidth() == 1)
      return pool_.boolean(integer->isOne());
    if (integer->getBitWidth() <= 64)
      return pool_.constant(integer->getSExtValue());
  }
  if (const auto* address = dyn_cast<llvm::PtrToIntOperator>(&constant))
    if (TermPtr term = addressOf(*address->getPointerOperand(), nullptr))
      return term;
  // The low half of a shared address that is known but for its window: nothing is lost.
  const auto* expression = dyn_cast<llvm::ConstantExpr>(&constant);
  if (expression && expression->getOpcode() == llvm::Instruction::Trunc && bitsOf(constant) >= 32) {
    TermPtr inner = ownValue(expression->getOperand(0));
    Poly sum = expand_(inner);
    Int128 offset = sum.constant();
    bool small = sum.terms.size() <= 2 && offset >= 0 && offset < (1 << 20) && mentionsAddress(inner);
    for (const auto& [monomial, coefficient] : sum.terms)
      small = small && (monomial.empty() || (monomial.size() == 1 && coefficient == 1 && monomial[0]->sym &&
                                             monomial[0]->sym->high.value_or(INT64_MAX) <= (1 << 20)));
    if (small)
      return inner;
  }
  return opaque(constant, "constant");
}

TermPtr ModelBuilder::ownValue(const llvm::Value* value) {
  auto found = values_.find(value);
  if (found != values_.end())
    return found->second;
  TermPtr term = nullptr;
  if (const auto* constant = dyn_cast<llvm::Constant>(value))
    term = fromConstant(*constant);
  else if (const auto* argument = dyn_cast<llvm::Argument>(value)) {
    Sym sym{"arg." + std::to_string(argument->getArgNo()), Scope::Grid, SymKind::Plain, {}, {}};
    unsigned bits = bitsOf(*value);
    if (bits > 1 && bits <= 64) {
      sym.low = llvm::APInt::getSignedMinValue(bits).getSExtValue();
      sym.high = llvm::APInt::getSignedMaxValue(bits).getSExtValue();
    }
    term = bits == 1 ? pool_.eq(pool_.symbol(sym), pool_.constant(1)) : pool_.symbol(sym);
  } else if (const auto* instruction = dyn_cast<llvm::Instruction>(value))
    term = compute(*instruction);
  else
    term = opaque(*value, "value");
  values_[value] = term;
  return term;
}

TermPtr ModelBuilder::compute(const llvm::Instruction& instruction) {
  if (const auto* phi = dyn_cast<llvm::PHINode>(&instruction)) {
    const llvm::Loop* loop = loops_.getLoopFor(phi->getParent());
    bool header = loop && loop->getHeader() == phi->getParent(); // all of them are known: see solveLoops
    return header ? opaque(*phi, "loop") : merge(*phi);
  }
  unsigned bits = bitsOf(instruction);
  if (bits == 0 || bits > 64)
    return opaque(instruction, "value");
  if (const auto* op = dyn_cast<llvm::BinaryOperator>(&instruction))
    return bits == 1 ? booleanOp(*op) : arithmetic(*op);
  if (const auto* icmp = dyn_cast<llvm::ICmpInst>(&instruction))
    return compare(*icmp);
  if (const auto* conversion = dyn_cast<llvm::CastInst>(&instruction))
    return convert(*conversion);
  if (const auto* choice = dyn_cast<llvm::SelectInst>(&instruction))
    return select(*choice);
  if (const auto* call = dyn_cast<llvm::CallInst>(&instruction))
    return callValue(*call);
  if (isa<llvm::FreezeInst>(instruction))
    return isa<llvm::UndefValue>(instruction.getOperand(0)) ? opaque(instruction, "uninitialised")
                                                            : value(instruction.getOperand(0), instruction.getParent());
  if (const auto* load = dyn_cast<llvm::LoadInst>(&instruction))
    return loaded(*load);
  if (const auto* atomic = dyn_cast<llvm::AtomicRMWInst>(&instruction)) {
    TermPtr result = values_[&instruction] = opaque(instruction, "atomic");
    noteTicket(*atomic, result);
    return result;
  }
  return opaque(instruction, "value");
}

// Unknown, but from a known place: what the contract says a tensor holds may bound it.
TermPtr ModelBuilder::loaded(const llvm::LoadInst& load) {
  if (TermPtr field = passedNumber(load))
    return field;
  TermPtr result = opaque(load, "loaded");
  if (result->op != Op::Symbol)
    return result;
  values_[&load] = result; // the address may depend on it, through a loop
  if (auto from = pointer(load.getPointerOperand(), load.getParent()); from && from->size() == 1)
    model_.loaded[result->sym] = {from->front().array, from->front().offset,
                                  static_cast<std::int64_t>(sizeOf(load.getType())), load.isSimple()};
  return result;
}

// Which edge was taken decides; the last one needs no condition of its own.
TermPtr ModelBuilder::merge(const llvm::PHINode& phi) {
  unsigned bits = bitsOf(phi);
  if (bits == 0 || bits > 64)
    return opaque(phi, "value");
  TermPtr result = nullptr;
  for (unsigned i = 0; i < phi.getNumIncomingValues(); ++i) {
    const llvm::BasicBlock* from = phi.getIncomingBlock(i);
    TermPtr incoming = leave(value(phi.getIncomingValue(i), from), from, phi.getParent());
    if (!result) {
      result = incoming;
      continue;
    }
    TermPtr taken = leave(pool_.both(path(from), edge(from, phi.getParent())), from, phi.getParent());
    result = pool_.ite(taken, incoming, result);
  }
  return result;
}

TermPtr ModelBuilder::select(const llvm::SelectInst& select) {
  const llvm::BasicBlock* block = select.getParent();
  if (!select.getCondition()->getType()->isIntegerTy(1))
    return opaque(select, "value");
  return pool_.ite(value(select.getCondition(), block), value(select.getTrueValue(), block),
                   value(select.getFalseValue(), block));
}

namespace {

TermPtr unsignedLess(TermPool& pool, TermPtr a, TermPtr b) {
  TermPtr zero = pool.constant(0);
  TermPtr a_small = pool.le(zero, a), b_small = pool.le(zero, b);
  TermPtr less = pool.lt(a, b);
  if (b->op == Op::Const && b->value >= 0)
    return pool.both(a_small, less);
  if (a->op == Op::Const && a->value >= 0)
    return pool.either(pool.negate(b_small), less);
  // Negative values are the upper half of the unsigned range.
  TermPtr same_half = pool.both(pool.eq(a_small, b_small), less);
  return pool.either(same_half, pool.both(a_small, pool.negate(b_small)));
}

/// Symbols that are known not to be negative make unsigned comparisons plain.
bool clearlyNonNegative(TermPtr term) {
  switch (term->op) {
  case Op::Const: return term->value >= 0;
  case Op::Symbol: return term->sym->low && *term->sym->low >= 0;
  case Op::Add:
  case Op::Mul: return clearlyNonNegative(term->args[0]) && clearlyNonNegative(term->args[1]);
  default: return false;
  }
}

} // namespace

TermPtr ModelBuilder::compare(const llvm::ICmpInst& icmp) {
  const llvm::BasicBlock* block = icmp.getParent();
  const llvm::Value* left = icmp.getOperand(0);
  unsigned bits = bitsOf(*left);
  if (bits == 0 || bits > 64)
    return opaque(icmp, "comparison");
  TermPtr a = value(left, block), b = value(icmp.getOperand(1), block);
  if (bits == 1)
    return icmp.getPredicate() == llvm::CmpInst::ICMP_EQ   ? pool_.eq(a, b)
           : icmp.getPredicate() == llvm::CmpInst::ICMP_NE ? pool_.negate(pool_.eq(a, b))
                                                           : opaque(icmp, "comparison");
  if (icmp.isUnsigned() && clearlyNonNegative(a) && clearlyNonNegative(b))
    switch (icmp.getPredicate()) {
    case llvm::CmpInst::ICMP_ULT: return pool_.lt(a, b);
    case llvm::CmpInst::ICMP_ULE: return pool_.le(a, b);
    case llvm::CmpInst::ICMP_UGT: return pool_.lt(b, a);
    default: return pool_.le(b, a);
    }
  switch (icmp.getPredicate()) {
  case llvm::CmpInst::ICMP_EQ: return pool_.eq(a, b);
  case llvm::CmpInst::ICMP_NE: return pool_.negate(pool_.eq(a, b));
  case llvm::CmpInst::ICMP_SLT: return pool_.lt(a, b);
  case llvm::CmpInst::ICMP_SLE: return pool_.le(a, b);
  case llvm::CmpInst::ICMP_SGT: return pool_.lt(b, a);
  case llvm::CmpInst::ICMP_SGE: return pool_.le(b, a);
  case llvm::CmpInst::ICMP_ULT: return unsignedLess(pool_, a, b);
  case llvm::CmpInst::ICMP_UGE: return pool_.negate(unsignedLess(pool_, a, b));
  case llvm::CmpInst::ICMP_UGT: return unsignedLess(pool_, b, a);
  case llvm::CmpInst::ICMP_ULE: return pool_.negate(unsignedLess(pool_, b, a));
  default: return opaque(icmp, "comparison");
  }
}

TermPtr ModelBuilder::convert(const llvm::CastInst& conversion) {
  const llvm::Value* source = conversion.getOperand(0);
  unsigned from = bitsOf(*source), to = bitsOf(conversion);
  if (isa<llvm::PtrToIntInst>(conversion)) {
    TermPtr address = to >= 32 ? addressOf(*source, conversion.getParent()) : nullptr;
    return !address  ? opaque(conversion, "address")
           : to < 64 ? inRange(conversion, address, to, "an address")
                     : address;
  }
  if (from == 0 || from > 64 || to > 64 || isa<llvm::BitCastInst>(conversion))
    return opaque(conversion, "conversion");
  TermPtr inner = value(source, conversion.getParent());
  if (isa<llvm::SExtInst>(conversion))
    return from == 1 ? pool_.ite(inner, pool_.constant(-1), pool_.constant(0)) : inner;
  if (isa<llvm::ZExtInst>(conversion)) {
    if (from == 1)
      return pool_.ite(inner, pool_.constant(1), pool_.constant(0));
    return clearlyNonNegative(inner) ? inner : nonNegative(conversion, inner, "a value taken as unsigned");
  }
  if (isa<llvm::TruncInst>(conversion)) {
    if (to == 1)
      return pool_.eq(pool_.floorMod(inner, 2), pool_.constant(1));
    return inRange(conversion, inner, to, "a truncation");
  }
  return opaque(conversion, "conversion");
}

} // namespace kverify::verifier
