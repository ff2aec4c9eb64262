// Integer arithmetic as mathematics, with "it did not wrap" as an obligation.
#include <llvm/IR/Constants.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

using llvm::Instruction;

void ModelBuilder::oblige(const llvm::Instruction& at, TermPtr value, std::int64_t low, std::int64_t high,
                          const char* what) {
  if (value->op == Op::Const && value->value >= low && value->value <= high)
    return;
  model_.no_wrap.push_back({value, path(at.getParent()), low, high, locationOf(at), what});
}

TermPtr ModelBuilder::inRange(const llvm::Instruction& at, TermPtr value, unsigned bits, const char* what) {
  oblige(at, value, llvm::APInt::getSignedMinValue(bits).getSExtValue(),
         llvm::APInt::getSignedMaxValue(bits).getSExtValue(), what);
  return value;
}

TermPtr ModelBuilder::nonNegative(const llvm::Instruction& at, TermPtr value, const char* what) {
  oblige(at, value, 0, INT64_MAX, what);
  return value;
}

// What every division and shift has to keep to, wherever its result goes.
void ModelBuilder::visitArithmetic(const llvm::BinaryOperator& op) {
  if (!op.getType()->isIntegerTy() || op.getType()->getIntegerBitWidth() > 64 || op.getType()->isIntegerTy(1))
    return;
  const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(op.getOperand(1));
  unsigned bits = op.getType()->getIntegerBitWidth();
  if (op.isIntDivRem() && (!constant || constant->isZero())) {
    TermPtr divisor = value(op.getOperand(1), op.getParent());
    model_.claims.push_back({"arith.divide-by-zero", pool_.negate(pool_.eq(divisor, pool_.constant(0))),
                             path(op.getParent()), locationOf(op), "a divisor may be zero"});
  }
  if (op.isShift() && (!constant || constant->getValue().uge(bits))) {
    TermPtr amount = value(op.getOperand(1), op.getParent());
    TermPtr inside = pool_.both(pool_.le(pool_.constant(0), amount), pool_.lt(amount, pool_.constant(bits)));
    model_.claims.push_back({"index.shift", inside, path(op.getParent()), locationOf(op),
                             "a shift's amount may be negative, or the width of its type or more"});
  }
}

TermPtr ModelBuilder::booleanOp(const llvm::BinaryOperator& op) {
  TermPtr a = value(op.getOperand(0), op.getParent()), b = value(op.getOperand(1), op.getParent());
  switch (op.getOpcode()) {
  case Instruction::And: return pool_.both(a, b);
  case Instruction::Or: return pool_.either(a, b);
  case Instruction::Xor: return pool_.negate(pool_.eq(a, b));
  default: return opaque(op, "boolean");
  }
}

TermPtr ModelBuilder::arithmetic(const llvm::BinaryOperator& op) {
  unsigned bits = op.getType()->getIntegerBitWidth();
  TermPtr a = value(op.getOperand(0), op.getParent()), b = value(op.getOperand(1), op.getParent());
  switch (op.getOpcode()) {
  case Instruction::Add: return inRange(op, pool_.add(a, b), bits, "a sum");
  case Instruction::Sub: return inRange(op, pool_.sub(a, b), bits, "a difference");
  case Instruction::Mul: return inRange(op, pool_.mul(a, b), bits, "a product");
  case Instruction::SDiv:
  case Instruction::UDiv:
  case Instruction::SRem:
  case Instruction::URem: return divide(op, a, b);
  case Instruction::Shl:
  case Instruction::LShr:
  case Instruction::AShr: return shift(op, a);
  case Instruction::And:
  case Instruction::Or:
  case Instruction::Xor: return bitwise(op, a, b);
  default: return opaque(op, "arithmetic");
  }
}

TermPtr ModelBuilder::divide(const llvm::BinaryOperator& op, TermPtr a, TermPtr b) {
  bool is_unsigned = op.getOpcode() == Instruction::UDiv || op.getOpcode() == Instruction::URem;
  if (is_unsigned) {
    nonNegative(op, a, "an unsigned dividend");
    nonNegative(op, b, "an unsigned divisor");
  }
  TermPtr quotient = pool_.truncDiv(a, b);
  // The one signed quotient that does not fit: the least integer by -1.
  if (!is_unsigned && (b->op != Op::Const || b->value == -1))
    inRange(op, quotient, op.getType()->getIntegerBitWidth(), "a quotient");
  bool remainder = op.getOpcode() == Instruction::SRem || op.getOpcode() == Instruction::URem;
  return remainder ? pool_.sub(a, pool_.mul(quotient, b)) : quotient;
}

TermPtr ModelBuilder::shift(const llvm::BinaryOperator& op, TermPtr a) {
  const auto* amount = llvm::dyn_cast<llvm::ConstantInt>(op.getOperand(1));
  unsigned bits = op.getType()->getIntegerBitWidth();
  if (!amount || amount->getValue().uge(bits) || amount->getValue().uge(63))
    return opaque(op, "shift");
  std::int64_t factor = std::int64_t{1} << amount->getZExtValue();
  if (op.getOpcode() == Instruction::Shl)
    return inRange(op, pool_.mul(a, pool_.constant(factor)), bits, "a left shift");
  if (op.getOpcode() == Instruction::LShr)
    nonNegative(op, a, "a value shifted as unsigned");
  return pool_.floorDiv(a, factor);
}

// In two's complement x & (2^k - 1) is x modulo 2^k, rounded down, for negative x too: so is every run of ones.
TermPtr ModelBuilder::masked(TermPtr value, std::uint64_t mask) {
  TermPtr sum = pool_.constant(0);
  while (mask != 0) {
    auto low = static_cast<unsigned>(llvm::countr_zero(mask));
    auto length = static_cast<unsigned>(llvm::countr_one(mask >> low));
    std::int64_t place = std::int64_t{1} << low;
    TermPtr run = pool_.floorMod(pool_.floorDiv(value, place), std::int64_t{1} << length);
    sum = pool_.add(sum, pool_.mul(pool_.constant(place), run));
    mask &= ~(((std::uint64_t{1} << length) - 1) << low);
  }
  return sum;
}

// With a constant of few runs of ones, exact: x | c = x + c - (x & c), x ^ c = x + c - 2 (x & c).
TermPtr ModelBuilder::bitwise(const llvm::BinaryOperator& op, TermPtr a, TermPtr b) {
  constexpr std::int64_t most = std::int64_t{1} << 61;
  if (a->op == Op::Const)
    std::swap(a, b);
  bool constant = b->op == Op::Const && b->value > -most && b->value < most;
  auto opcode = op.getOpcode();
  // Conditions taken as integers: a == 1 | a == 2.
  auto isFlag = [&](TermPtr term) {
    return term->op == Op::Ite && term->args[1] == pool_.constant(1) && term->args[2] == pool_.constant(0);
  };
  if (isFlag(a) && isFlag(b) && opcode != Instruction::Xor) {
    TermPtr x = a->args[0], y = b->args[0];
    return pool_.ite(opcode == Instruction::And ? pool_.both(x, y) : pool_.either(x, y), pool_.constant(1),
                     pool_.constant(0));
  }
  if (constant && b->value < 0) { // the complement's bits are the few
    TermPtr outside = masked(a, static_cast<std::uint64_t>(~b->value));
    if (opcode == Instruction::And)
      return pool_.sub(a, outside);
    if (opcode == Instruction::Or)
      return pool_.add(b, outside);
    return pool_.sub(pool_.add(b, pool_.mul(pool_.constant(2), outside)), a);
  }
  auto runs = [](std::uint64_t bits) { return llvm::popcount(bits & ~(bits << 1)); };
  if (constant && runs(static_cast<std::uint64_t>(b->value)) <= 3) {
    TermPtr inside = masked(a, static_cast<std::uint64_t>(b->value));
    if (opcode == Instruction::And)
      return inside;
    TermPtr twice = opcode == Instruction::Or ? inside : pool_.mul(pool_.constant(2), inside);
    return pool_.sub(pool_.add(a, b), twice);
  }
  const auto* disjoint = llvm::dyn_cast<llvm::PossiblyDisjointInst>(&op);
  if (opcode == Instruction::Or && disjoint && disjoint->isDisjoint())
    return inRange(op, pool_.add(a, b), op.getType()->getIntegerBitWidth(), "a disjoint or");
  const char* name = opcode == Instruction::And ? "and" : opcode == Instruction::Or ? "or" : "xor";
  // The function depends on the width only through the sign bit, which both operands carry extended.
  return pool_.apply(name, {a, b});
}

} // namespace kverify::verifier
