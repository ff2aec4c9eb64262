#pragma once
// A kernel's terms for one particular thread: private symbols get the thread's number, loop counters of loops with
// barriers the place in the barrier interval.
#include <set>

#include "verifier/checks/domain.h"

namespace kverify::verifier {

class Instance : public Rewriter {
public:
  /// `state` null: nothing is known about where the thread is. `same_block`: shares its block's symbols with others.
  /// `loops`: with a state, those whose iterations the threads count alike; null: a block's.
  Instance(TermPool& pool, const KernelModel& model, const Domain& domain, int thread, bool same_block,
           const IntervalState* state, const LoopSet* loops = nullptr);

  /// What is true of the symbols that were met so far, and of the thread's indices.
  std::vector<TermPtr> facts();

  /// Numbers that this thread got from atomicAdd, among the symbols that were met so far.
  struct Drawn {
    const Ticket* from = nullptr;
    TermPtr offset = nullptr, value = nullptr;
  };
  const std::vector<Drawn>& drawn() const { return drawn_; }

  /// Integers that this thread loaded, among the symbols that were met so far.
  struct Load {
    unsigned array = 0;
    const Sym* symbol = nullptr;
    TermPtr value = nullptr;
  };
  const std::vector<Load>& loads() const { return loads_; }
  /// Where from: bytes from the start of the whole memory, whose place must be known.
  TermPtr offsetOf(Load load);

  /// K: iterations of a loop with barriers that were finished when the interval began.
  TermPtr atStart(const Sym& counter) { return shared(counter, "K." + std::to_string(counter.loop)); }
  TermPtr index(const char* name, char axis); ///< "tid", 'x'

protected:
  TermPtr replace(const Sym& sym, TermPtr original) override;

private:
  /// A value that was loaded from inside a tensor of which the contract says something.
  struct LoadedElement {
    unsigned array = 0;
    TermPtr value = nullptr, element = nullptr, inside = nullptr;
  };

  TermPtr own(const Sym& sym);
  void noteLoaded(const Sym& sym, TermPtr value);
  void orderLoaded(const LoadedElement& a, const LoadedElement& b, bool strictly);
  TermPtr shared(const Sym& sym, const std::string& name);
  TermPtr counter(const Sym& sym);
  void noteGuard(const Sym& sym);
  void noteInvariants(const Sym& sym);
  TermPtr earlier(const Sym& sym, int iterations);
  TermPtr halving(const Sym& sym);
  LoopPhase phase(const Sym& sym) const;
  TermPtr ofThisIteration(const Sym& sym, TermPtr original);
  TermPtr recurrent(const Sym& sym);
  void boundRecurrent(const Sym& sym, TermPtr value);
  void boundHalving(const Sym& sym, TermPtr value);

  const KernelModel& model_;
  const Domain& domain_;
  int thread_;
  bool same_block_;
  const IntervalState* state_;
  LoopSet loops_;
  std::vector<TermPtr> facts_;
  std::vector<LoadedElement> loaded_;
  std::set<const Sym*> noted_;
  std::vector<TermPtr> guards_; ///< of the loop variables met, not rewritten yet
  std::set<TermPtr> known_guards_;
  std::vector<Drawn> drawn_;
  std::vector<Load> loads_;
};

} // namespace kverify::verifier
