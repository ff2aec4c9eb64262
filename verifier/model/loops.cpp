// Loop variables in closed form, over a counter of finished iterations.
#include <fmt/format.h>
#include <llvm/ADT/PostOrderIterator.h>

#include "verifier/model/builder.h"

namespace kverify::verifier {

void ModelBuilder::numberLoops() {
  for (const llvm::Loop* loop : loops_.getLoopsInPreorder()) {
    unsigned number = static_cast<unsigned>(loop_numbers_.size());
    loop_numbers_[loop] = number;
    loops_by_number_[number] = loop;
  }
  model_.loops = loop_numbers_.size();
}

LoopSet ModelBuilder::bit(const llvm::Loop* loop) const {
  return LoopSet{1} << loop_numbers_.at(loop);
}

LoopSet ModelBuilder::loopsAround(const llvm::BasicBlock* block) const {
  LoopSet set = 0;
  for (const llvm::Loop* loop = loops_.getLoopFor(block); loop; loop = loop->getParentLoop())
    set |= bit(loop);
  return set;
}

bool ModelBuilder::variesIn(TermPtr term, LoopSet loops) const {
  if (term->op == Op::Symbol)
    return (term->sym->nest & loops) != 0;
  for (TermPtr arg : term->args)
    if (variesIn(arg, loops))
      return true;
  return false;
}

namespace {
/// Has every thread of a block the same value? Loop variables without closed form count as private; a halved one is
/// shared in loops whose iterations all threads count alike. `also`: taken to be shared.
bool sharedByBlock(TermPtr term, LoopSet loops, const std::set<TermPtr>& also = {}) {
  if (term->op == Op::Symbol && also.count(term))
    return true;
  if (term->op == Op::Symbol)
    return term->sym->scope != Scope::Thread &&
           ((term->sym->kind != SymKind::Halving && term->sym->kind != SymKind::Recurrent) ||
            ((loops >> term->sym->loop) & 1) != 0);
  for (TermPtr arg : term->args)
    if (!sharedByBlock(arg, loops, also))
      return false;
  return true;
}
} // namespace

TermPtr ModelBuilder::counterOf(const llvm::Loop& loop) {
  Sym sym;
  sym.loop = loop_numbers_.at(&loop);
  sym.name = "count." + std::to_string(sym.loop);
  sym.kind = SymKind::Counter;
  sym.scope = (barriers_.loops & bit(&loop)) ? Scope::Block : Scope::Thread;
  sym.low = 0;
  sym.nest = loopsAround(loop.getHeader());
  return pool_.symbol(sym);
}

TermPtr ModelBuilder::loopSymbol(const llvm::PHINode& phi, const char* name) {
  Sym sym;
  sym.name = std::string(name) + "." + std::to_string(next_opaque_++);
  sym.kind = SymKind::LoopVar;
  sym.loop = loop_numbers_.at(loops_.getLoopFor(phi.getParent()));
  sym.nest = loopsAround(phi.getParent());
  if (phi.getType()->isIntegerTy()) {
    unsigned bits = phi.getType()->getIntegerBitWidth();
    sym.low = llvm::APInt::getSignedMinValue(bits).getSExtValue();
    sym.high = llvm::APInt::getSignedMaxValue(bits).getSExtValue();
  }
  return pool_.symbol(sym);
}

namespace {
bool isCounted(const llvm::PHINode& phi) {
  return phi.getType()->isIntegerTy() && phi.getType()->getIntegerBitWidth() > 1 &&
         phi.getType()->getIntegerBitWidth() <= 64;
}
} // namespace

// Every loop variable gets its symbol before any value is computed: from then on no value depends on itself, and no
// path condition on itself.
void ModelBuilder::solveLoops() {
  std::vector<std::pair<const llvm::PHINode*, const llvm::Loop*>> phis;
  for (const llvm::BasicBlock* block : llvm::ReversePostOrderTraversal<const llvm::Function*>(&kernel_)) {
    const llvm::Loop* loop = loops_.getLoopFor(block);
    if (!loop || loop->getHeader() != block)
      continue;
    for (const llvm::PHINode& phi : block->phis()) {
      if (isCounted(phi))
        values_[&phi] = loopSymbol(phi, "phi");
      else if (!phi.getType()->isPointerTy())
        values_[&phi] = opaque(phi, "loop");
      if (loop->getLoopPreheader() && loop->getLoopLatch())
        phis.push_back({&phi, loop});
    }
  }
  for (const auto& [phi, loop] : phis)
    if (phi->getType()->isPointerTy())
      startPointer(*phi, *loop);
  for (const auto& [phi, loop] : phis) {
    if (phi->getType()->isPointerTy())
      closePointer(*phi, *loop);
    if (!isCounted(*phi))
      continue;
    TermPtr start = value(phi->getIncomingValueForBlock(loop->getLoopPreheader()), loop->getLoopPreheader());
    TermPtr next = value(phi->getIncomingValueForBlock(loop->getLoopLatch()), loop->getLoopLatch());
    if (TermPtr closed = closedForm(*loop, values_.at(phi), start, next))
      closed_forms_[values_.at(phi)->sym] = closed;
  }
  for (std::size_t round = 0; round < 3; ++round) // one more link of a chain of variables each
    for (const auto& [phi, loop] : phis)
      if (isCounted(*phi) && !closed_forms_.count(values_.at(phi)->sym))
        followPrevious(*phi, *loop);
  findRecurrent(phis);
}

namespace {

class Replaced : public Rewriter {
public:
  Replaced(TermPool& pool, TermPtr from, TermPtr to) : Rewriter(pool), from_(from), to_(to) {}

protected:
  TermPtr replace(const Sym&, TermPtr original) override { return original == from_ ? to_ : original; }

private:
  TermPtr from_, to_;
};

/// A term over loop variables as it was one iteration ago.
class Previous : public Rewriter {
public:
  Previous(TermPool& pool, const std::map<const Sym*, TermPtr>& forms, TermPtr counter)
      : Rewriter(pool), forms_(forms), counter_(counter) {}

protected:
  TermPtr replace(const Sym& sym, TermPtr original) override {
    if (original == counter_)
      return pool_.sub(counter_, pool_.constant(1));
    auto form = forms_.find(&sym);
    return form == forms_.end() ? original : (*this)(form->second);
  }

private:
  const std::map<const Sym*, TermPtr>& forms_;
  TermPtr counter_;
};

} // namespace

// Variables of loops with barriers that every thread computes from what all share stay shared: taken together, by
// induction over the iterations, until none has to be dropped. And x = a*x + b with constants, in any loop.
void ModelBuilder::findRecurrent(const std::vector<std::pair<const llvm::PHINode*, const llvm::Loop*>>& phis) {
  struct Open {
    TermPtr variable;
    const Sym* sym;
    TermPtr start, next;
  };
  std::vector<Open> open;
  std::set<TermPtr> shared;
  for (const auto& [phi, loop] : phis) {
    if (!isCounted(*phi) || closed_forms_.count(values_.at(phi)->sym))
      continue;
    TermPtr start = value(phi->getIncomingValueForBlock(loop->getLoopPreheader()), loop->getLoopPreheader());
    TermPtr next = value(phi->getIncomingValueForBlock(loop->getLoopLatch()), loop->getLoopLatch());
    Previous resolve(pool_, closed_forms_, nullptr);
    TermPtr first = resolve(start);
    open.push_back({values_.at(phi), values_.at(phi)->sym, first, resolve(next)});
    shared.insert(values_.at(phi));
  }
  auto isShared = [&](const Open& one) {
    return ((barriers_.loops >> one.sym->loop) & 1) != 0 && sharedByBlock(one.start, barriers_.loops, shared) &&
           sharedByBlock(one.next, barriers_.loops, shared);
  };
  for (bool dropped = true; dropped;) {
    dropped = false;
    for (const Open& one : open)
      if (shared.count(one.variable) && !isShared(one))
        dropped = shared.erase(one.variable) > 0;
  }
  for (const Open& one : open) {
    RecurrentVar recurrent;
    recurrent.start = one.start;
    Poly next = expand_(one.next);
    Monomial itself = {one.variable};
    Int128 factor = next.terms.count(itself) ? next.terms.at(itself) : 0;
    bool affine = !next.overflow && factor >= 1 && factor < INT32_MAX && next.constant() >= 0 &&
                  next.constant() < INT32_MAX && next.terms.size() == (next.constant() != 0 ? 2u : 1u);
    if (affine) {
      recurrent.factor = static_cast<std::int64_t>(factor);
      recurrent.addend = static_cast<std::int64_t>(next.constant());
    }
    bool same = shared.count(one.variable) > 0 || (affine && sharedByBlock(one.start, barriers_.loops));
    if (!same && !affine)
      continue;
    Sym sym = *one.sym;
    sym.name = "same." + std::to_string(next_opaque_++);
    sym.kind = SymKind::Recurrent;
    sym.scope = same ? Scope::Block : Scope::Thread;
    TermPtr symbol = pool_.symbol(sym);
    model_.recurrent[symbol->sym] = recurrent;
    closed_forms_[one.sym] = symbol;
  }
}

// x = f(other variables of the loop), known in closed form: what f was one iteration ago, and the start before that.
void ModelBuilder::followPrevious(const llvm::PHINode& phi, const llvm::Loop& loop) {
  TermPtr start = value(phi.getIncomingValueForBlock(loop.getLoopPreheader()), loop.getLoopPreheader());
  TermPtr next = value(phi.getIncomingValueForBlock(loop.getLoopLatch()), loop.getLoopLatch());
  TermPtr counter = counterOf(loop);
  TermPtr before = Previous(pool_, closed_forms_, counter)(next);
  TermPtr first = pool_.eq(counter, pool_.constant(0));
  // Nothing else may change with the loop: an unknown value of this iteration is not the one of the last.
  if (!variesIn(Replaced(pool_, counter, pool_.constant(0))(before), bit(&loop)))
    closed_forms_[values_.at(&phi)->sym] = pool_.ite(first, start, before);
}

// In iteration k > 0 the conditions to go on held in iteration k - 1: of the header, and of the latch.
void ModelBuilder::findGuards() {
  for (const auto& [number, loop] : loops_by_number_) {
    TermPtr counter = counterOf(*loop), held = pool_.boolean(true);
    for (const llvm::BasicBlock* from : {loop->getHeader(), loop->getLoopLatch()}) {
      if (!from || !loop->isLoopExiting(from))
        continue;
      TermPtr goes_on = pool_.boolean(false);
      for (const llvm::BasicBlock* to : llvm::successors(from))
        if (loop->contains(to))
          goes_on = pool_.either(goes_on, edge(from, to));
      held = pool_.both(held, goes_on);
    }
    TermPtr before = Previous(pool_, closed_forms_, counter)(held);
    bool fixed = !variesIn(Replaced(pool_, counter, pool_.constant(0))(before), bit(loop));
    bool first = held->op == Op::True || !fixed;
    model_.guards.push_back(first ? nullptr : pool_.either(pool_.eq(counter, pool_.constant(0)), before));
  }
}

/// Null: a coefficient does not fit.
TermPtr ModelBuilder::termOf(const Poly& poly) {
  TermPtr sum = pool_.constant(0);
  for (const auto& [monomial, coefficient] : poly.terms) {
    if (poly.overflow || coefficient > INT64_MAX || coefficient < INT64_MIN)
      return nullptr;
    TermPtr product = pool_.constant(static_cast<std::int64_t>(coefficient));
    for (TermPtr atom : monomial)
      product = pool_.mul(product, atom);
    sum = pool_.add(sum, product);
  }
  return sum;
}

TermPtr ModelBuilder::closedForm(const llvm::Loop& loop, TermPtr variable, TermPtr start, TermPtr next) {
  Poly difference = plus(expand_(next), expand_(variable), -1);
  TermPtr step = difference.overflow ? nullptr : termOf(difference);
  if (step && !variesIn(step, bit(&loop)))
    return pool_.add(start, pool_.mul(step, counterOf(loop)));
  TermPtr two = pool_.constant(2);
  bool halves = next == pool_.floorDiv(variable, 2) || next == pool_.truncDiv(variable, two);
  if (halves) {
    Sym sym = *variable->sym;
    sym.name = "half." + std::to_string(next_opaque_++);
    sym.kind = SymKind::Halving;
    // Block: where the loop's iterations are counted alike; Instance knows between whom they are.
    sym.scope = sharedByBlock(start, barriers_.loops) ? Scope::Block : Scope::Thread;
    TermPtr half = pool_.symbol(sym);
    model_.halving[half->sym] = HalvingVar{start};
    return half;
  }
  // A buffer index that goes back and forth: c - x.
  TermPtr count = counterOf(loop);
  Poly sum = plus(expand_(next), expand_(variable));
  if (!sum.overflow && sum.isConstant() && sum.constant() >= INT32_MIN && sum.constant() <= INT32_MAX) {
    TermPtr other = pool_.sub(pool_.constant(static_cast<std::int64_t>(sum.constant())), start);
    return pool_.ite(pool_.eq(pool_.floorMod(count, 2), pool_.constant(0)), start, other);
  }
  return wrappingForm(variable, start, next, count);
}

namespace {

/// m of "x = (x + 1) % m", "x = x + 1 == m ? 0 : x + 1" and, for m = 2, "x ^= 1"; or 0.
std::int64_t modulusOf(TermPool& pool, Expander& expand, TermPtr variable, TermPtr next) {
  TermPtr one = pool.constant(1), zero = pool.constant(0), up = pool.add(variable, one);
  TermPtr bit = pool.floorMod(variable, 2);
  TermPtr flipped = pool.sub(up, pool.mul(pool.constant(2), bit));
  Poly rest = plus(expand(next), expand(flipped), -1);
  if (!rest.overflow && rest.terms.empty())
    return 2;
  rest = plus(expand(next), expand(up), -1);
  if (!rest.overflow && rest.terms.size() == 1 && rest.terms.begin()->first.size() == 1) {
    TermPtr quotient = rest.terms.begin()->first[0];
    if (isQuotient(quotient) && quotient->args[0] == up && quotient->args[1]->op == Op::Const &&
        rest.terms.begin()->second == -Int128{quotient->args[1]->value})
      return quotient->args[1]->value;
  }
  if (next->op != Op::Ite)
    return 0;
  TermPtr condition = next->args[0], wrap = next->args[1], go = next->args[2];
  if (condition->op == Op::Not) {
    condition = condition->args[0];
    std::swap(wrap, go);
  }
  if (condition->op != Op::Eq || wrap != zero || go != up)
    return 0;
  for (int side : {0, 1}) {
    TermPtr subject = condition->args[static_cast<std::size_t>(side)];
    TermPtr limit = condition->args[static_cast<std::size_t>(1 - side)];
    if (limit->op == Op::Const && (subject == up || subject == variable))
      return subject == up ? limit->value : limit->value + 1;
  }
  return 0;
}

} // namespace

// Stages of a pipeline: counted modulo a constant, from a constant below it.
TermPtr ModelBuilder::wrappingForm(TermPtr variable, TermPtr start, TermPtr next, TermPtr count) {
  std::int64_t modulus = modulusOf(pool_, expand_, variable, next);
  bool inside = start->op == Op::Const && start->value >= 0 && start->value < modulus;
  return inside ? pool_.floorMod(pool_.add(count, start), modulus) : nullptr;
}

namespace {

class Leaver : public Rewriter {
public:
  Leaver(TermPool& pool, LoopSet loops) : Rewriter(pool), loops_(loops) {}

protected:
  TermPtr replace(const Sym& sym, TermPtr original) override {
    LoopSet left = sym.nest & loops_ & ~sym.exits;
    if (!left)
      return original;
    Sym after = sym;
    after.base = sym.origin();
    after.exits |= left;
    after.nest = sym.nest & ~left;
    after.name = after.base->name + "@" + fmt::format("{}", after.exits);
    return pool_.symbol(after);
  }

private:
  LoopSet loops_;
};

} // namespace

TermPtr afterLoops(TermPool& pool, TermPtr term, LoopSet loops) {
  return loops ? Leaver(pool, loops)(term) : term;
}

} // namespace kverify::verifier
