// output.unwritten: every element of a tensor that the contract declares to be written is written. For an arbitrary
// element, threads and iterations that may write it are guessed (witness.h), and the solver is asked for an element for
// which every one of them fails: because it is no thread of the launch, because its loops do not come to that
// iteration, because a way leads past the write, or because the write goes elsewhere. None is a proof. Sound for
// launches in which index arithmetic does not wrap, if all loops end and all threads meet at the barriers: values that
// are not followed may be anything, for every guess on its own. Not complete: a thread that is not guessed (indices
// loaded from memory, addresses mixed bit by bit) leaves the elements that only it writes open.
#include <fmt/format.h>

#include "verifier/checks/context.h"
#include "verifier/checks/holds.h"
#include "verifier/checks/packed.h"
#include "verifier/checks/polynomials.h"
#include "verifier/checks/quotients.h"
#include "verifier/checks/unwritten.h"
#include "verifier/checks/witness.h"

namespace kverify::verifier {

namespace {

constexpr const char* kCheck = "output.unwritten";
constexpr std::size_t kMostGuesses = 8; ///< of one access
constexpr unsigned kQuick = 2500;       ///< milliseconds, where there is another way to ask

/// One thread in one iteration of each loop: the indices and counters in `open` are to be chosen, everything else that
/// is its own may be anything.
class Opened : public Rewriter {
public:
  /// `fresh`: of values of its own. `part`: the thread is one of those that look after it; null: any. `loop` ≥ 0: in
  /// another iteration of that loop, `iteration`; what changes with the loop is named by `other`.
  Opened(Context& context, LoopSet open, std::string fresh, const PartOf* part, int loop = -1,
         TermPtr iteration = nullptr, std::string other = {})
      : Rewriter(context.pool), domain_(context.domain), open_(open), fresh_(std::move(fresh)), part_(part),
        loop_(loop), iteration_(iteration), other_(std::move(other)) {}

  TermPtr index(const char* name, char axis) {
    return (*this)(pool_.symbol(*launchSymbol(std::string(name) + "." + axis)));
  }

protected:
  TermPtr replace(const Sym& sym, TermPtr original) override {
    auto given = domain_.values.find(sym.origin()->name);
    if (given != domain_.values.end())
      return given->second;
    if (sym.scope == Scope::Grid)
      return original;
    if (part_ && sym.origin() == part_->part.begin)
      return part_->begin;
    if (part_ && sym.origin() == part_->part.end)
      return part_->end;
    if (part_ && sym.name == part_->part.index->name)
      return part_->index;
    bool index = sym.name.starts_with("tid.") || sym.name.starts_with("ctaid.");
    if (sym.kind == SymKind::Counter && sym.exits == 0 && static_cast<int>(sym.loop) == loop_)
      return iteration_;
    bool counter = sym.kind == SymKind::Counter && sym.exits == 0 && ((open_ >> sym.loop) & 1) != 0;
    Sym mine;
    mine.scope = Scope::Thread;
    mine.low = sym.low;
    mine.high = sym.high;
    bool varies = loop_ >= 0 && ((sym.nest >> loop_) & 1) != 0;
    mine.name = sym.name + (index || counter ? "#w" : "#w" + (varies ? other_ : fresh_));
    if (!index)
      return pool_.symbol(mine);
    TermPtr extent = domain_.values.at("n" + sym.name);
    if (extent->op == Op::Const && extent->value == 1)
      return pool_.constant(0);
    mine.high = extent->op == Op::Const ? std::optional(extent->value - 1) : std::nullopt;
    return pool_.symbol(mine);
  }

private:
  const Domain& domain_;
  LoopSet open_;
  std::string fresh_;
  const PartOf* part_;
  int loop_;
  TermPtr iteration_;
  std::string other_;
};

/// The element that is asked about: a symbol for every dimension, or for several that are one.
struct Element {
  TermPtr address = nullptr; ///< bytes from the start of the tensor
  std::vector<TermPtr> facts;
  std::vector<std::pair<TermPtr, TermPtr>> indices; ///< of the dimensions that have one: itself, and its stride in bytes
};

Element elementOf(TermPool& pool, const Place& place, const std::vector<bool>& merged) {
  Element element;
  element.address = pool.constant(0);
  TermPtr extent = pool.constant(1);
  for (std::size_t k = 0; k < place.dims.size(); ++k) {
    extent = pool.mul(extent, place.dims[k].extent);
    if (merged[k])
      continue;
    Sym sym;
    sym.name = fmt::format("element.{}.{}", place.name, k);
    sym.low = 0;
    if (extent->op == Op::Const)
      sym.high = extent->value - 1;
    TermPtr index = pool.symbol(sym);
    TermPtr stride = pool.mul(place.dims[k].stride, pool.constant(place.item));
    element.address = pool.add(element.address, pool.mul(index, stride));
    element.facts.push_back(pool.lt(index, extent));
    element.indices.push_back({index, stride});
    extent = pool.constant(1);
  }
  return element;
}

/// One launch and one of its tensors.
class OutputJudge {
public:
  OutputJudge(Context& context, const Place& place) : context_(context), pool_(context.pool), place_(place) {
    for (const Access& access : context.model.accesses)
      if (context.domain.places[access.array].key == place.key && access.kind != AccessKind::Read &&
          context.domain.places[access.array].base)
        writes_.push_back(&access);
    parts_ = partsRead(context);
  }

  /// Every element, by this launch alone; asked in more than one way.
  bool provesAll() {
    std::vector<bool> merged = mergedDimensions(), plain(merged.size(), false);
    std::vector<std::vector<TermPtr>> questions = {unwritten(merged, false), unwritten(merged, true)};
    if (merged != plain)
      questions.push_back(unwritten(plain, false));
    for (std::size_t i = 0; i < questions.size(); ++i)
      if (std::find(questions.begin(), questions.begin() + static_cast<std::ptrdiff_t>(i), questions[i]) ==
              questions.begin() + static_cast<std::ptrdiff_t>(i) &&
          !writes_.empty() && context_.proves(kCheck, questions[i], kQuick))
        return true;
    return false;
  }

  /// What has to be impossible, dimension by dimension.
  std::vector<TermPtr> left() { return unwritten(std::vector<bool>(place_.dims.size(), false), true); }

  std::string doubt() const {
    if (writes_.empty())
      return fmt::format("'{}' is written nowhere", place_.name);
    std::string what = fmt::format("an element of '{}' may stay unwritten", place_.name);
    if (!lost_.empty())
      what += fmt::format(": which thread writes what at {} could not be guessed", place(lost_.front()->where));
    return what;
  }

  SourceLocation where() const { return writes_.empty() ? SourceLocation{} : writes_.front()->where; }

  /// No element is written by two threads, whatever orders them.
  bool byOneThread() {
    for (std::size_t i = 0; i < writes_.size(); ++i)
      for (std::size_t j = i; j < writes_.size(); ++j)
        if ((i + 1) * (j + 1) > 36 || !context_.isImpossible(bothWrite(*writes_[i], *writes_[j]), kQuick))
          return false;
    return true;
  }

private:
  static std::string place(const SourceLocation& where) { return verifier::place(where); }

  TermPtr baseOf(const Access& write) const { return context_.domain.places[write.array].base; }

  /// Dimensions that no write tells from the next one: true where dimension k and k + 1 are one.
  std::vector<bool> mergedDimensions() {
    Expander expand;
    std::vector<bool> merged(place_.dims.size(), false);
    for (std::size_t k = 0; k + 1 < place_.dims.size(); ++k) {
      Poly stride = expand(place_.dims[k].stride);
      Poly next = times(expand(place_.dims[k + 1].extent), expand(place_.dims[k + 1].stride));
      merged[k] = plus(stride, next, -1).terms.empty();
      Poly bytes = times(stride, constantPoly(place_.item));
      for (const Access* write : writes_) {
        Opened opened(context_, write->loops, "0", nullptr);
        for (const auto& [monomial, coefficient] : expand(opened(write->offset)).terms) {
          Poly weight;
          Monomial sizes;
          for (TermPtr atom : monomial)
            if (isSizeLike(atom))
              sizes.push_back(atom);
          weight.add(sizes, coefficient);
          auto division = divide(weight, bytes);
          if (division && division->remainder.terms.empty() && sizes.size() < monomial.size())
            merged[k] = false;
        }
      }
    }
    return merged;
  }

  static bool isSizeLike(TermPtr term) {
    if (term->op == Op::Symbol)
      return term->sym->scope == Scope::Grid;
    for (TermPtr arg : term->args)
      if (!isSizeLike(arg))
        return false;
    return true;
  }

  std::vector<TermPtr> bothWrite(const Access& one, const Access& other) {
    Instance a(pool_, context_.model, context_.domain, 1, false, nullptr);
    Instance b(pool_, context_.model, context_.domain, 2, false, nullptr);
    TermPtr first = pool_.add(baseOf(one), a(one.offset)), second = pool_.add(baseOf(other), b(other.offset));
    TermPtr same = pool_.boolean(true);
    for (const char* index : {"tid", "ctaid"})
      for (char axis : {'x', 'y', 'z'})
        same = pool_.both(same, pool_.eq(a.index(index, axis), b.index(index, axis)));
    std::vector<TermPtr> all = {a(one.path), b(other.path), pool_.negate(same)};
    if (one.width == other.width && one.width == place_.item)
      all.push_back(pool_.eq(first, second));
    else {
      all.push_back(pool_.lt(first, pool_.add(second, pool_.constant(other.width))));
      all.push_back(pool_.lt(second, pool_.add(first, pool_.constant(one.width))));
    }
    addLoads(context_, a, b, all);
    for (Instance* thread : {&a, &b})
      for (TermPtr fact : thread->facts())
        all.push_back(fact);
    return all;
  }

  /// What has to be impossible. `borrow`: more is guessed.
  std::vector<TermPtr> unwritten(const std::vector<bool>& merged, bool borrow) {
    guesses_ = 0;
    threads_.clear();
    Element element = elementOf(pool_, place_, merged);
    std::vector<TermPtr> all = context_.domain.facts;
    all.insert(all.end(), element.facts.begin(), element.facts.end());
    lost_.clear();
    for (const Access* write : writes_) {
      std::optional<PartOf> part = partFor(*write, element);
      if (part)
        all.push_back(part->fact);
      const PartOf* its = part ? &*part : nullptr;
      std::vector<Assignment> guesses = guessesFor(*write, element.address, its, borrow);
      if (guesses.empty())
        lost_.push_back(write);
      for (const Assignment& guess : guesses)
        for (bool hopeful : {false, true})
          if (!hopeful || borrow)
            all.push_back(pool_.negate(writes(*write, guess, its, element.address, hopeful)));
    }
    return all;
  }

  /// Of packed sequences: the one that has the element, where the write adds its begin to one of the indices.
  std::optional<PartOf> partFor(const Access& write, const Element& element) {
    Expander expand;
    const Poly& offset = expand(write.offset);
    for (const Part& part : parts_) {
      Poly weight;
      for (const auto& [monomial, coefficient] : offset.terms)
        if (auto rest = without(monomial, pool_.symbol(*part.begin)))
          weight.add(*rest, coefficient);
      if (weight.terms.empty() || !toTerm(pool_, weight))
        continue;
      TermPtr stride = Opened(context_, write.loops, "0", nullptr)(toTerm(pool_, weight));
      for (const auto& [index, bytes] : element.indices)
        if (plus(expand(stride), expand(bytes), -1).terms.empty())
          return partOf(context_, part, index);
    }
    return std::nullopt;
  }

  std::vector<const Sym*> openSymbols(const Access& write, const PartOf* part) {
    std::vector<const Sym*> symbols;
    Opened opened(context_, write.loops, "0", part);
    for (unsigned loop = 0; loop < context_.model.loops; ++loop)
      if ((write.loops >> loop) & 1)
        symbols.push_back(opened(context_.model.counters[loop])->sym);
    for (const char* name : {"tid", "ctaid"})
      for (char axis : {'x', 'y', 'z'})
        if (TermPtr index = opened.index(name, axis); index->op == Op::Symbol && index->sym->scope != Scope::Grid)
          symbols.push_back(index->sym);
    return symbols;
  }

  std::vector<Assignment> guessesFor(const Access& write, TermPtr address, const PartOf* part, bool borrow) {
    Opened opened(context_, write.loops, "0", part);
    std::vector<const Sym*> symbols = openSymbols(write, part);
    std::vector<TermPtr> equations = equationsOf(pool_, opened(write.surely));
    TermPtr offset = pool_.add(baseOf(write), opened(write.offset));
    std::vector<Assignment> guesses = solveFor(pool_, offset, address, symbols, equations), all;
    if (borrow)
      for (const Assignment& more : solveFor(pool_, offset, address, symbols, equations, true))
        if (std::find(guesses.begin(), guesses.end(), more) == guesses.end())
          guesses.push_back(more);
    for (const Assignment& guess : guesses)
      for (Assignment& whole : completed(write, guess, part, symbols))
        if (all.size() < kMostGuesses)
          all.push_back(std::move(whole));
    return all;
  }

  // What nothing was found for: the first of its kind, or, of the loops, the last iteration.
  std::vector<Assignment> completed(const Access& write, const Assignment& guess, const PartOf* part,
                                    const std::vector<const Sym*>& symbols) {
    Assignment first = guess;
    for (const Sym* sym : symbols)
      first.emplace(sym, pool_.constant(0));
    std::vector<Assignment> all = {first};
    for (unsigned loop = 0; loop < context_.model.loops; ++loop) {
      TermPtr goes_on = context_.model.stays[loop];
      if (((write.loops >> loop) & 1) == 0 || !goes_on)
        continue;
      Opened opened(context_, write.loops, "0", part);
      const Sym* counter = opened(context_.model.counters[loop])->sym;
      if (guess.count(counter))
        continue;
      Assignment others = first;
      others.erase(counter);
      if (TermPtr last = lastIteration(opened(goes_on), counter, others))
        for (int more : {0, 1}) {
          Assignment one = first;
          one[counter] = pool_.add(last, pool_.constant(more));
          all.push_back(one);
        }
    }
    return all;
  }

  /// The last one that a bound a - b*k >= 0 lets go on; null: there is no such bound.
  TermPtr lastIteration(TermPtr goes_on, const Sym* counter, const Assignment& others) {
    if (goes_on->op == Op::And) {
      for (TermPtr part : goes_on->args)
        if (TermPtr last = lastIteration(part, counter, others))
          return last;
      return nullptr;
    }
    bool inverted = goes_on->op == Op::Not;
    TermPtr bound = inverted ? goes_on->args[0] : goes_on;
    if (bound->op != Op::Le)
      return nullptr;
    TermPtr gap = pool_.sub(bound->args[1], bound->args[0]);
    if (inverted)
      gap = pool_.sub(pool_.sub(bound->args[0], bound->args[1]), pool_.constant(1));
    Expander expand;
    TermPtr itself = pool_.symbol(*counter);
    Poly step, start;
    for (const auto& [monomial, coefficient] : expand(Substitution(pool_, others)(gap)).terms)
      if (auto rest = without(monomial, itself))
        step.add(*rest, -coefficient);
      else
        start.add(monomial, coefficient);
    TermPtr by = toTerm(pool_, step), from = toTerm(pool_, start);
    return step.terms.empty() || !by || !from ? nullptr : pool_.truncDiv(from, by);
  }

  /// The guessed thread is one of the launch, comes to the write in the guessed iterations, and writes the element.
  TermPtr writes(const Access& write, const Assignment& guess, const PartOf* part, TermPtr address, bool hopeful) {
    // One thread in one iteration loads what it loads, whichever of its writes is looked at.
    std::pair who(part ? part->index : nullptr, guess);
    std::string name = std::to_string(threads_.emplace(std::move(who), threads_.size() + 1).first->second);
    ++guesses_;
    Substitution put(pool_, guess);
    Opened opened(context_, write.loops, name, part);
    Settled settled(pool_, hopeful);
    TermPtr all = settled(put(opened(write.surely))), zero = pool_.constant(0);
    settled.holds(all);
    for (char axis : {'x', 'y', 'z'})
      for (const char* what : {"tid", "ctaid"}) {
        TermPtr index = put(opened.index(what, axis));
        TermPtr extent = context_.domain.values.at(std::string("n") + what + "." + axis);
        all = pool_.both(all, pool_.both(pool_.le(zero, index), pool_.lt(index, extent)));
      }
    for (unsigned loop = 0; loop < context_.model.loops; ++loop)
      if ((write.loops >> loop) & 1)
        all = pool_.both(all, reaches(write, loop, guess, part, name, settled));
    TermPtr offset = settled(put(pool_.add(baseOf(write), opened(write.offset))));
    TermPtr begins = pool_.le(offset, address);
    TermPtr end = pool_.add(address, pool_.constant(place_.item));
    TermPtr ends = pool_.le(end, pool_.add(offset, pool_.constant(write.width)));
    for (TermPtr claim : settled.claims)
      all = pool_.both(all, claim);
    return pool_.both(all, pool_.both(begins, ends));
  }

  /// The loop comes to the guessed iteration: whichever one before it is looked at, it goes on.
  TermPtr reaches(const Access& write, unsigned loop, const Assignment& guess, const PartOf* part,
                  const std::string& name, Settled& settled) {
    const KernelModel& model = context_.model;
    Substitution put(pool_, guess);
    Opened opened(context_, write.loops, name, part);
    TermPtr iteration = put(opened(model.counters[loop])), zero = pool_.constant(0);
    if (iteration == zero)
      return pool_.boolean(true);
    if (!model.stays[loop])
      return pool_.eq(iteration, zero);
    Sym sym;
    sym.name = fmt::format("iteration.{}#w{}", loop, guesses_);
    sym.low = 0;
    TermPtr earlier = pool_.symbol(sym);
    Opened there(context_, write.loops, name, part, static_cast<int>(loop), earlier,
                 fmt::format("{}.{}", loop, guesses_));
    TermPtr goes_on = settled(put(there(model.stays[loop])));
    return pool_.both(pool_.le(zero, iteration), pool_.either(pool_.le(iteration, earlier), goes_on));
  }

  Context& context_;
  TermPool& pool_;
  const Place& place_;
  std::vector<const Access*> writes_;
  std::vector<Part> parts_;
  std::vector<const Access*> lost_; ///< nobody was found for
  unsigned guesses_ = 0;
  std::map<std::pair<TermPtr, Assignment>, std::size_t> threads_; ///< a number for each
};

/// Into another pool. What is not of the contract is a launch's own.
class Moved {
public:
  Moved(TermPool& pool, std::string suffix) : pool_(pool), suffix_(std::move(suffix)) {}

  TermPtr operator()(TermPtr term) {
    auto found = done_.find(term);
    if (found != done_.end())
      return found->second;
    std::vector<TermPtr> args;
    for (TermPtr arg : term->args)
      args.push_back((*this)(arg));
    TermPtr result = term->op == Op::Symbol ? symbol(*term->sym) : pool_.like(term, std::move(args));
    return done_[term] = result;
  }

private:
  TermPtr symbol(const Sym& sym) {
    bool common =
        sym.name.starts_with("size.") || sym.name.starts_with("multiple.") || sym.name.starts_with("element.");
    Sym moved = sym;
    moved.base = nullptr;
    if (!common)
      moved.name += suffix_;
    return pool_.symbol(moved);
  }

  TermPool& pool_;
  std::string suffix_;
  std::map<TermPtr, TermPtr> done_;
};

bool isGiven(const ArgDecl& arg, std::size_t tensor) {
  if (const auto* all = std::get_if<StructArgDecl>(&arg.value))
    return std::any_of(all->fields.begin(), all->fields.end(),
                       [&](const FieldArgDecl& field) { return isGiven(field.arg, tensor); });
  const auto* given = std::get_if<TensorArgDecl>(&arg.value);
  return given && given->tensor == tensor;
}

bool isGiven(const LaunchDecl& launch, std::size_t tensor) {
  return std::any_of(launch.args.begin(), launch.args.end(), [&](const ArgDecl& arg) { return isGiven(arg, tensor); });
}

} // namespace

Outputs::Outputs(const Contract& contract) : contract_(contract) {
  for (std::size_t tensor = 0; tensor < contract.tensors.size(); ++tensor) {
    if (contract.tensors[tensor].access != kverify::Access::Write)
      continue;
    Output output;
    output.tensor = &contract.tensors[tensor];
    output.last = contract.launches.empty() ? 0 : contract.launches.size() - 1;
    for (std::size_t launch = contract.launches.size(); launch-- > 0;)
      if (isGiven(contract.launches[launch], tensor) && output.launches++ == 0)
        output.last = launch;
    outputs_.push_back(std::move(output));
  }
}

void Outputs::judge(Context& context, const LaunchDecl& launch) {
  for (Output& output : outputs_)
    judge(context, output, static_cast<std::size_t>(&launch - contract_.launches.data()));
}

void Outputs::judge(Context& context, Output& output, std::size_t launch) {
  if (output.proved || launch > output.last)
    return;
  const Place* place = nullptr;
  for (const Place& one : context.domain.places)
    if (one.tensor == output.tensor && (!place || !place->base))
      place = &one;
  if (place && (!place->base || !place->bytes || place->dims.empty())) {
    context.open(kCheck, {unknown_reason::unsupported, "the shape of '" + place->name + "' is not known in integers"});
    return;
  }
  std::string what = fmt::format("'{}' is written nowhere", output.tensor->name);
  SourceLocation where;
  std::vector<TermPtr> question;
  if (place) {
    OutputJudge judge(context, *place);
    if (judge.provesAll()) {
      output.proved = true;
      if (output.launches == 1 && judge.byOneThread())
        context.note(kCheck, fmt::format("each element of '{}' by one thread only", place->name));
      return;
    }
    question = judge.left();
    what = judge.doubt();
    where = judge.where();
  }
  std::string suffix = "@" + std::to_string(launch);
  if (launch < output.last) {
    Moved keep(pool_, suffix);
    for (TermPtr one : question)
      output.left.push_back(keep(one));
    return;
  }
  Moved back(context.pool, "");
  for (TermPtr one : output.left)
    question.push_back(back(one));
  if (question.empty())
    question = context.domain.facts;
  context.refuteAll(kCheck, question, what, where);
}

} // namespace kverify::verifier
