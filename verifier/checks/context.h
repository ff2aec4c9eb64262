#pragma once
// What the checks of one launch share: model, domain, solver, and the tally of what was proved.
#include <chrono>
#include <map>
#include <set>

#include "verifier/checks/domain.h"
#include "verifier/checks/instance.h"
#include "verifier/checks/prove.h"
#include "verifier/smt/solver.h"

namespace kverify::verifier {

/// Of one check over all launches.
struct Tally {
  std::size_t proved = 0;
  std::vector<Unknown> open; ///< empty: everything that was asked is proved
  std::set<std::string> hashes;
  double seconds = 0;
};

class Context {
public:
  Context(TermPool& pool, const KernelModel& model, const Domain& domain, const std::string& kernel,
          const ProveOptions& options, std::map<std::string, Tally>& tallies, ProveResult& result)
      : pool(pool), model(model), domain(domain), kernel_(kernel), options_(options), tallies_(tallies),
        result_(result) {}

  /// Asks whether all of these can hold at once; no is a proof for `check`. True: proved.
  bool refuteAll(const std::string& check, const std::vector<TermPtr>& assertions, const std::string& what,
                 const SourceLocation& where, const SourceLocation& other = {});
  /// The same for a step on the way that no check is about: false leaves nothing open.
  bool isImpossible(const std::vector<TermPtr>& assertions);
  /// Leaves `check` open.
  void open(const std::string& check, Unknown why) { tallies_[check].open.push_back(std::move(why)); }
  /// Something to judge that needs no question.
  void trivial(const std::string& check) { ++tallies_[check].proved; }

  TermPool& pool;
  const KernelModel& model;
  const Domain& domain;

private:
  void noteCandidate(const std::string& check, const Solution& solution, const std::string& what,
                     const SourceLocation& where, const SourceLocation& other);

  std::string kernel_;
  const ProveOptions& options_;
  std::map<std::string, Tally>& tallies_;
  ProveResult& result_;
  std::map<std::pair<std::string, TermPtr>, bool> asked_;
};

std::string place(const SourceLocation& where);

// One file each.
void checkOverflow(Context& context);
void checkBounds(Context& context);
void checkConvergence(Context& context);
void checkRaces(Context& context);

} // namespace kverify::verifier
