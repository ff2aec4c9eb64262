#include "verifier/checks/instance.h"

namespace kverify::verifier {

Instance::Instance(TermPool& pool, const KernelModel& model, const Domain& domain, int thread, bool same_block,
                   const IntervalState* state, const LoopSet* loops)
    : Rewriter(pool), model_(model), domain_(domain), thread_(thread), same_block_(same_block), state_(state),
      loops_(loops ? *loops : model.barrier_loops) {}

TermPtr Instance::own(const Sym& sym) {
  Sym mine;
  mine.name = sym.name + "#" + std::to_string(thread_);
  mine.scope = Scope::Thread;
  mine.low = sym.low;
  mine.high = sym.high;
  // Constant launch dimensions as bounds of the symbol itself: quotients of it get bounds, too.
  for (const char* name : {"tid.", "ctaid."})
    if (sym.name.starts_with(name)) {
      TermPtr extent = domain_.values.at("n" + sym.name);
      if (extent->op == Op::Const && extent->value == 1)
        return pool_.constant(0);
      if (extent->op == Op::Const)
        mine.high = extent->value - 1;
    }
  return pool_.symbol(mine);
}

TermPtr Instance::shared(const Sym& sym, const std::string& name) {
  Sym common;
  common.name = name;
  common.scope = Scope::Block;
  common.low = sym.low;
  common.high = sym.high;
  return pool_.symbol(common);
}

LoopPhase Instance::phase(const Sym& sym) const {
  bool left = (sym.exits & (LoopSet{1} << sym.loop)) != 0;
  LoopPhase found = left ? state_->left[sym.loop] : state_->current[sym.loop];
  return found == LoopPhase::Outside ? LoopPhase::Any : found;
}

TermPtr Instance::counter(const Sym& sym) {
  std::string loop = std::to_string(sym.loop);
  switch (phase(sym)) {
  case LoopPhase::Start: return shared(sym, "K." + loop);
  case LoopPhase::Next: return pool_.add(shared(sym, "K." + loop), pool_.constant(1));
  case LoopPhase::Back1: return earlier(sym, 1);
  case LoopPhase::Back2: return earlier(sym, 2);
  case LoopPhase::Back3: return earlier(sym, 3);
  case LoopPhase::Before: return shared(sym, "E." + loop);
  case LoopPhase::Fresh: return pool_.constant(0);
  default: return own(sym);
  }
}

/// The copy was issued in an iteration that there was.
TermPtr Instance::earlier(const Sym& sym, int iterations) {
  TermPtr now = shared(sym, "K." + std::to_string(sym.loop));
  facts_.push_back(pool_.le(pool_.constant(iterations), now));
  return pool_.sub(now, pool_.constant(iterations));
}

// 0 <= value <= start where the start is not negative. The start is the one of this very execution of the loop only
// as long as the loops around it have not been left or gone on.
void Instance::boundHalving(const Sym& sym, TermPtr value) {
  LoopSet itself = LoopSet{1} << sym.loop;
  if (sym.exits & ~itself)
    return;
  TermPtr start = (*this)(model_.halving.at(sym.origin()).start);
  TermPtr zero = pool_.constant(0);
  TermPtr inside = pool_.both(pool_.le(zero, value), pool_.le(value, start));
  facts_.push_back(pool_.either(pool_.lt(start, zero), inside));
}

TermPtr Instance::halving(const Sym& sym) {
  const std::string& name = sym.origin()->name;
  LoopPhase where = phase(sym);
  bool certain = (sym.exits & ~(LoopSet{1} << sym.loop)) == 0;
  bool known = where == LoopPhase::Start || where == LoopPhase::Next || where == LoopPhase::Before ||
               (where == LoopPhase::Fresh && certain);
  if (!known)
    return own(sym);
  if (where == LoopPhase::Fresh)
    return (*this)(model_.halving.at(sym.origin()).start);
  if (where == LoopPhase::Before) {
    TermPtr value = shared(sym, name + "|E");
    boundHalving(sym, value);
    return value;
  }
  TermPtr now = shared(sym, name + "|K"), next = shared(sym, name + "|N"), zero = pool_.constant(0);
  TermPtr value = where == LoopPhase::Start ? now : next;
  boundHalving(sym, value);
  TermPtr twice = pool_.mul(pool_.constant(2), next);
  TermPtr step = pool_.both(pool_.le(twice, now), pool_.le(now, pool_.add(twice, pool_.constant(1))));
  facts_.push_back(pool_.either(pool_.lt(now, zero), step));
  return value;
}

// a*x + b >= x for x >= 0, a >= 1, b >= 0.
void Instance::boundRecurrent(const Sym& sym, TermPtr value) {
  const RecurrentVar& known = model_.recurrent.at(sym.origin());
  if (known.factor == 0 || (sym.exits & ~(LoopSet{1} << sym.loop)) != 0)
    return;
  TermPtr start = (*this)(known.start);
  facts_.push_back(pool_.either(pool_.lt(start, pool_.constant(0)), pool_.le(start, value)));
}

TermPtr Instance::recurrent(const Sym& sym) {
  const std::string& name = sym.origin()->name;
  const RecurrentVar& known = model_.recurrent.at(sym.origin());
  LoopPhase where = phase(sym);
  bool certain = (sym.exits & ~(LoopSet{1} << sym.loop)) == 0;
  if (where == LoopPhase::Fresh && certain)
    return (*this)(known.start);
  const char* place = where == LoopPhase::Start ? "|K" : where == LoopPhase::Next ? "|N" : "|E";
  bool shared_place = where == LoopPhase::Start || where == LoopPhase::Next || where == LoopPhase::Before;
  TermPtr value = shared_place ? shared(sym, name + place) : own(sym);
  boundRecurrent(sym, value);
  if (known.factor != 0 && (where == LoopPhase::Start || where == LoopPhase::Next)) {
    TermPtr now = shared(sym, name + "|K"), next = shared(sym, name + "|N");
    TermPtr step = pool_.add(pool_.mul(pool_.constant(known.factor), now), pool_.constant(known.addend));
    facts_.push_back(pool_.eq(next, step));
  }
  return value;
}

/// A value of the block: the same for two threads in the same iteration of every loop it changes in. Elsewhere two
/// values are not known to be one.
TermPtr Instance::ofThisIteration(const Sym& sym, TermPtr original) {
  if (sym.nest == 0 && sym.exits == 0)
    return original;
  bool here = state_ != nullptr && sym.exits == 0 && (sym.nest & ~loops_) == 0;
  for (std::size_t loop = 0; here && loop < model_.loops; ++loop)
    if ((sym.nest >> loop) & 1)
      here = state_->current[loop] == LoopPhase::Start;
  return here ? shared(sym, sym.name + "|K") : own(sym);
}

TermPtr Instance::replace(const Sym& sym, TermPtr original) {
  auto given = domain_.values.find(sym.origin()->name);
  if (given != domain_.values.end())
    return given->second;
  if (sym.scope == Scope::Grid)
    return original;
  if (sym.scope == Scope::Block && same_block_ && sym.kind == SymKind::Plain)
    return ofThisIteration(sym, original);
  if (sym.kind == SymKind::Counter)
    noteGuard(sym);
  if (sym.kind != SymKind::Plain)
    noteInvariants(sym);
  bool counted = same_block_ && state_ && ((loops_ >> sym.loop) & 1) != 0;
  if (counted && sym.kind == SymKind::Counter)
    return counter(sym);
  if (counted && sym.kind == SymKind::Halving && sym.scope == Scope::Block)
    return halving(sym);
  if (counted && sym.kind == SymKind::Recurrent && sym.scope == Scope::Block)
    return recurrent(sym);
  TermPtr mine = own(sym);
  if (sym.kind == SymKind::Recurrent)
    boundRecurrent(sym, mine);
  if (sym.kind == SymKind::Plain)
    noteLoaded(sym, mine);
  if (auto ticket = model_.tickets.find(sym.origin()); ticket != model_.tickets.end())
    drawn_.push_back({&ticket->second, (*this)(afterLoops(pool_, ticket->second.offset, sym.exits)), mine});
  if (sym.kind == SymKind::Halving)
    boundHalving(sym, mine);
  return mine;
}

TermPtr Instance::index(const char* name, char axis) {
  return (*this)(pool_.symbol(*launchSymbol(std::string(name) + "." + axis)));
}

// What let the loop go on last. Of a loop that was left, only as long as those around it have not gone on: as for
// boundHalving.
void Instance::noteGuard(const Sym& sym) {
  TermPtr guard = model_.guards[sym.loop];
  if (guard && (sym.exits & ~(LoopSet{1} << sym.loop)) == 0)
    guards_.push_back(afterLoops(pool_, guard, sym.exits));
}

// What the loop was proved to keep, of the iteration that the variable's value is of.
void Instance::noteInvariants(const Sym& sym) {
  for (const Invariant& one : model_.invariants)
    if (one.holds && one.loop == sym.loop && (sym.exits & ~(LoopSet{1} << sym.loop)) == 0)
      if (TermPtr now = afterLoops(pool_, one.now, sym.exits); known_guards_.insert(now).second)
        guards_.push_back(now);
}

std::vector<TermPtr> Instance::facts() {
  while (!guards_.empty()) { // rewriting one may meet more counters
    TermPtr guard = guards_.back();
    guards_.pop_back();
    facts_.push_back((*this)(guard));
  }
  std::vector<TermPtr> all = domain_.facts;
  for (char axis : {'x', 'y', 'z'})
    for (const char* name : {"tid", "ctaid"}) {
      std::string extent = (name[0] == 't' ? std::string("ntid.") : std::string("nctaid.")) + axis;
      all.push_back(pool_.lt(index(name, axis), domain_.values.at(extent)));
    }
  all.insert(all.end(), facts_.begin(), facts_.end());
  return all;
}

} // namespace kverify::verifier
