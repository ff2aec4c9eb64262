#include "verifier/checks/writer.h"

#include <algorithm>

#include <fmt/format.h>

#include "verifier/checks/polynomials.h"
#include "verifier/checks/remainders.h"
#include "verifier/checks/witness.h"

namespace kverify::verifier {

namespace {

LoopSet bit(unsigned loop) {
  return LoopSet{1} << loop;
}

/// A thread's indices, and how many iterations of the loops it is in were finished.
struct Stand {
  std::map<char, TermPtr> thread;
  std::map<unsigned, TermPtr> counters;
};

bool isReader(Instance& reader, const Stand& stand) {
  return std::all_of(stand.thread.begin(), stand.thread.end(),
                     [&](const auto& one) { return one.second == reader.index("tid", one.first); });
}

/// A kernel's terms for a thread of the reader's block that stands somewhere. What it shares with the reader, in the same
/// iterations, is the reader's; every other value is one that nothing is known of, but one and the same wherever the same
/// thread is asked for it in the same iterations.
class Writer : public Rewriter {
public:
  /// `shared`: loops in whose iteration both are.
  Writer(Context& context, Instance& reader, Stand stand, LoopSet shared)
      : Rewriter(context.pool), context_(context), reader_(reader), stand_(std::move(stand)), shared_(shared) {}

protected:
  TermPtr replace(const Sym& sym, TermPtr original) override {
    auto given = context_.domain.values.find(sym.origin()->name);
    if (given != context_.domain.values.end())
      return given->second;
    if (sym.scope == Scope::Grid)
      return original;
    if (sym.name.size() == 5 && sym.name.starts_with("tid."))
      return stand_.thread.at(sym.name[4]);
    auto counter = stand_.counters.find(sym.loop);
    if (sym.kind == SymKind::Counter && sym.exits == 0 && counter != stand_.counters.end())
      return counter->second;
    return isTheReaders(sym) ? reader_(original) : own(sym);
  }

private:
  bool isTheReaders(const Sym& sym) {
    if ((sym.nest & ~shared_) != 0)
      return false;
    if (isReader(reader_, stand_))
      return true;
    // Of the block: only where the threads count the iterations alike.
    LoopSet loops = sym.nest | sym.exits | (sym.kind == SymKind::Plain ? 0 : bit(sym.loop));
    return sym.scope == Scope::Block && (loops & ~context_.model.barrier_loops) == 0;
  }

  TermPtr own(const Sym& sym) {
    Sym mine;
    mine.name = sym.name + "#w";
    for (const auto& [axis, index] : stand_.thread)
      mine.name += fmt::format(".{}", index->id);
    for (const auto& [loop, counter] : stand_.counters)
      if ((sym.nest & bit(loop)) != 0)
        mine.name += fmt::format("/{}.{}", loop, counter->id);
    mine.scope = Scope::Thread;
    mine.low = sym.low;
    mine.high = sym.high;
    return pool_.symbol(mine);
  }

  Context& context_;
  Instance& reader_;
  Stand stand_;
  LoopSet shared_;
};

class Coverer {
public:
  Coverer(Context& context, Instance& reader, const Access& read, const Access& write, const Moment& moment,
          const Target& target)
      : context_(context), pool_(context.pool), reader_(reader), access_(write), moment_(moment), target_(target),
        common_(read.loops & write.loops), atomics_(read.kind == AccessKind::Atomic && write.kind == read.kind) {
    for (unsigned loop = 0; loop < context.model.loops; ++loop)
      shared_ |= known(loop) ? bit(loop) : 0;
  }

  std::vector<TermPtr> find() {
    Stand stand;
    for (unsigned loop = 0; loop < context_.model.loops; ++loop)
      if ((access_.loops & bit(loop)) != 0) {
        if (known(loop))
          stand.counters[loop] = reader_(context_.model.counters[loop]);
        else if (isMomentLoop(loop))
          earlier_ = reader_(context_.model.counters[loop]);
      }
    for (TermPtr before : momentChoices()) {
      if (!moment_.same)
        stand.counters.erase(moment_.loop);
      if (before)
        stand.counters[moment_.loop] = before;
      for (char axis : {'x', 'y', 'z'})
        stand.thread[axis] = reader_.index("tid", axis);
      guess(stand, false); // the reader itself
      if (!atomics_) // of two threads, these are in no order that the races say anything of
        guess(stand, true);
    }
    return std::move(found_);
  }

private:
  bool isMomentLoop(unsigned loop) const { return !moment_.same && loop == moment_.loop; }
  /// In the reader's own iteration. Outer loops have smaller numbers.
  bool known(unsigned loop) const {
    return (common_ & bit(loop)) != 0 && (moment_.same || loop < moment_.loop);
  }

  /// The iteration before, or the first one; where the address counts it, the one that it tells (null), and as many back
  /// as a buffer has stages.
  std::vector<TermPtr> momentChoices() const {
    if (moment_.same)
      return {nullptr};
    std::vector<TermPtr> choices = {pool_.sub(earlier_, pool_.constant(1)), pool_.constant(0)};
    TermPtr counter = context_.model.counters[moment_.loop];
    if (mentions(access_.offset, counter))
      choices.push_back(nullptr);
    for (std::int64_t back = 2; back < stagesOf(access_.offset, counter); ++back)
      choices.push_back(pool_.sub(earlier_, pool_.constant(back)));
    return choices;
  }

  static bool mentions(TermPtr term, TermPtr counter) {
    return term == counter || std::any_of(term->args.begin(), term->args.end(),
                                          [&](TermPtr arg) { return mentions(arg, counter); });
  }

  /// What the counter is divided by, up to a few: 3 of tile[i % 3].
  static std::int64_t stagesOf(TermPtr term, TermPtr counter) {
    constexpr std::int64_t most = 8;
    std::int64_t stages = 0;
    bool divides = isQuotient(term) && term->args[1]->op == Op::Const;
    if (divides && term->args[1]->value <= most && mentions(term->args[0], counter))
      stages = term->args[1]->value;
    for (TermPtr arg : term->args)
      stages = std::max(stages, stagesOf(arg, counter));
    return stages;
  }

  TermPtr placeholder(const std::string& name, std::optional<std::int64_t> high) {
    Sym sym;
    sym.name = name;
    sym.low = 0;
    sym.high = high;
    return pool_.symbol(sym);
  }

  /// `any_thread`: whose indices the address tells.
  void guess(const Stand& stand, bool any_thread) {
    Stand open = stand;
    std::vector<const Sym*> unknowns;
    for (auto& [axis, index] : open.thread) {
      TermPtr extent = context_.domain.values.at(std::string("ntid.") + axis);
      if (!any_thread || (extent->op == Op::Const && extent->value == 1))
        continue;
      std::optional<std::int64_t> high;
      if (extent->op == Op::Const)
        high = extent->value - 1;
      index = placeholder(std::string("tid.") + axis + "#?", high);
      unknowns.push_back(index->sym);
    }
    for (unsigned loop = 0; loop < context_.model.loops; ++loop)
      if ((access_.loops & bit(loop)) != 0 && !open.counters.count(loop)) {
        open.counters[loop] = placeholder(fmt::format("count.{}#?", loop), std::nullopt);
        unknowns.push_back(open.counters[loop]->sym);
      }
    std::vector<Assignment> guesses = {{}};
    if (!unknowns.empty()) {
      Assignment meaning;
      TermPtr target = startOfStore(withRemainders(pool_, target_.first, meaning));
      Writer writer(context_, reader_, open, shared_);
      guesses = solveFor(pool_, offset(writer), target, unknowns, equationsOf(pool_, writer(access_.surely)));
      Substitution spell(pool_, meaning);
      for (Assignment& one : guesses)
        for (auto& [sym, value] : one)
          value = spell(value);
    }
    for (const Assignment& one : guesses)
      for (bool like_reader : {true, false})
        if (Stand full = filled(open, one, like_reader); !atomics_ || isReader(reader_, full))
          claim(full);
  }

  /// Where a store of this width begins that has the target's bytes inside.
  TermPtr startOfStore(TermPtr target) {
    Expander expand;
    const Poly& poly = expand(target);
    for (const auto& [monomial, coefficient] : poly.terms)
      if (!monomial.empty() && coefficient % access_.width != 0)
        return target;
    auto inside = static_cast<std::int64_t>(poly.constant() % access_.width);
    return pool_.sub(target, pool_.constant(inside < 0 ? inside + access_.width : inside));
  }

  /// What the address does not tell is as it is for the reader, or zero.
  Stand filled(Stand stand, const Assignment& values, bool like_reader) {
    auto fill = [&](TermPtr& term, TermPtr otherwise) {
      if (term->op != Op::Symbol || !term->sym->name.ends_with("#?"))
        return;
      auto value = values.find(term->sym);
      term = value != values.end() ? value->second : like_reader ? otherwise : pool_.constant(0);
    };
    for (auto& [axis, index] : stand.thread)
      fill(index, reader_.index("tid", axis));
    for (auto& [loop, counter] : stand.counters)
      fill(counter, (common_ & bit(loop)) != 0 ? reader_(context_.model.counters[loop]) : pool_.constant(0));
    return stand;
  }

  TermPtr offset(Writer& writer) {
    return pool_.add(context_.domain.places[access_.array].base, writer(access_.offset));
  }

  void claim(const Stand& stand) {
    Writer writer(context_, reader_, stand, shared_);
    TermPtr zero = pool_.constant(0), all = writer(access_.surely);
    for (const auto& [axis, index] : stand.thread) {
      TermPtr extent = context_.domain.values.at(std::string("ntid.") + axis);
      if (index != reader_.index("tid", axis))
        all = pool_.both(all, pool_.both(pool_.le(zero, index), pool_.lt(index, extent)));
    }
    for (const auto& [loop, counter] : stand.counters)
      if (!known(loop))
        all = pool_.both(all, pool_.both(pool_.le(zero, counter), iterationExists(stand, loop, counter)));
    TermPtr first = offset(writer);
    all = pool_.both(all, pool_.le(first, target_.first));
    all = pool_.both(all, pool_.le(pool_.add(target_.first, pool_.constant(target_.width)),
                                   pool_.add(first, pool_.constant(access_.width))));
    for (const auto& [loop, counter] : stand.counters)
      if (known(loop))
        all = pool_.both(all, iterationExists(stand, loop, counter));
    if (all != pool_.boolean(false) && std::find(found_.begin(), found_.end(), all) == found_.end())
      found_.push_back(all);
  }

  /// The writer comes to this iteration: the reader did, where they are one or count alike; else in every one before it
  /// there is a next one. Said of an arbitrary one, since what is asked is whether the claim can fail.
  TermPtr iterationExists(const Stand& stand, unsigned loop, TermPtr counter) {
    TermPtr zero = pool_.constant(0), exists = pool_.boolean(true);
    if (isMomentLoop(loop))
      exists = pool_.lt(counter, earlier_);
    bool counted_alike = isReader(reader_, stand) || (context_.model.barrier_loops & bit(loop)) != 0;
    if (counter == zero || (counted_alike && (known(loop) || isMomentLoop(loop))))
      return exists;
    if (!context_.model.stays[loop])
      return pool_.boolean(false);
    Sym sym;
    sym.name = fmt::format("before.{}.{}", loop, counter->id);
    for (const auto& [axis, index] : stand.thread)
      sym.name += fmt::format(".{}", index->id);
    for (const auto& [number, value] : stand.counters)
      sym.name += fmt::format("/{}.{}", number, value->id);
    sym.low = 0;
    TermPtr earlier = pool_.symbol(sym);
    Stand then = stand;
    then.counters[loop] = earlier;
    TermPtr stays = Writer(context_, reader_, then, shared_ & ~bit(loop))(context_.model.stays[loop]);
    return pool_.both(exists, pool_.either(pool_.le(counter, earlier), stays));
  }

  Context& context_;
  TermPool& pool_;
  Instance& reader_;
  const Access& access_;
  Moment moment_;
  Target target_;
  LoopSet common_, shared_ = 0; ///< loops around both; and those whose iteration is the same
  bool atomics_;
  TermPtr earlier_ = nullptr; ///< the reader's iteration of the moment's loop
  std::vector<TermPtr> found_;
};

} // namespace

std::vector<Moment> momentsBefore(const Context& context, unsigned writer, unsigned reader) {
  std::vector<Moment> moments;
  if (context.model.earlier.count({writer, reader}))
    moments.push_back({});
  LoopSet common = context.model.accesses[writer].loops & context.model.accesses[reader].loops;
  for (unsigned loop = 0; loop < context.model.loops; ++loop)
    if ((common & bit(loop)) != 0)
      moments.push_back({false, loop});
  return moments;
}

std::vector<TermPtr> coverings(Context& context, Instance& instance, unsigned writer, unsigned reader,
                               const Moment& moment, const Target& target) {
  const std::vector<Access>& accesses = context.model.accesses;
  return Coverer(context, instance, accesses[reader], accesses[writer], moment, target).find();
}

} // namespace kverify::verifier
