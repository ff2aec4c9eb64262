#pragma once
// What the checks of one launch share: model, domain, solver, and the tally of what was proved.
#include <map>
#include <set>
#include <vector>

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
  std::size_t cached = 0, cross_checked = 0; ///< of the queries in `hashes`, or their repetitions
  std::size_t asked = 0;                     ///< queries that needed the solver or the cache
  std::set<std::string> notes;               ///< to be said with a proof
  bool bounded = false;                      ///< something was proved at the listed sizes only
  std::set<std::string> assumed;             ///< by the proof, beside what every one assumes
  std::set<JudgedLine> lines, open_lines;    ///< that something was asked about; where it stayed open
};

class Context {
public:
  /// `listed`: asked about where there is no answer for all sizes; empty: not.
  Context(TermPool& pool, const KernelModel& model, const Domain& domain, const std::string& kernel,
          const ProveOptions& options, const std::vector<Sizes>& listed, std::map<std::string, Tally>& tallies,
          ProveResult& result)
      : pool(pool), model(model), domain(domain), kernel_(kernel), options_(options), listed_(listed),
        tallies_(tallies), result_(result) {}

  /// Asks whether all of these can hold at once; no is a proof for `check`. Answered by settle().
  /// `fewer`: some of the assertions, to be tried first: several questions may share them.
  void refuteAll(const std::string& check, const std::vector<TermPtr>& assertions, const std::string& what,
                 const SourceLocation& where, const SourceLocation& other = {},
                 const std::vector<TermPtr>& fewer = {});
  /// The same, at once, where another question may do if this one does not: false leaves nothing open.
  bool proves(const std::string& check, const std::vector<TermPtr>& assertions, unsigned timeout_ms);
  /// The same for a step on the way that no check is about. `timeout_ms` 0: an obligation's time.
  bool isImpossible(const std::vector<TermPtr>& assertions, unsigned timeout_ms = 0);
  /// More that was found out, for the scope of a proof of `check`.
  void assume(const std::string& check, const std::string& text) { tallies_[check].assumed.insert(text); }
  void note(const std::string& check, const std::string& text) { tallies_[check].notes.insert(text); }
  /// Where nobody declared sizes, nobody can say what is too far, or zero.
  bool isJudged(std::string_view check) const;
  /// Leaves `check` open.
  void open(const std::string& check, Unknown why) { tallies_[check].open.push_back(std::move(why)); }
  /// Something to judge that needs no question.
  void trivial(const std::string& check, const SourceLocation& where = {});
  const ProveOptions& options() const { return options_; }
  /// True: there is no time left, and `check` stays open because of that. Before long work that asks nothing yet.
  bool tooLate(const std::string& check);
  /// Answers what was asked, several questions at a time, within the kernel's time.
  void settle();

  TermPool& pool;
  const KernelModel& model;
  const Domain& domain;

private:
  struct Question {
    std::string check;
    TermPtr all = nullptr;
    std::string what;
    SourceLocation where, other;
    TermPtr fewer = nullptr; ///< follows from `all`; null: not tried
  };
  Solution askAtOnce(const std::vector<TermPtr>& assertions, unsigned timeout_ms);
  std::map<TermPtr, Solution> tryFewer();
  static bool settles(const Solution& solution);
  /// `share`: of the kernel's time.
  bool timeIsUp(double share = 1) const;
  double shareOfAllSizes() const;
  void findCandidates(const std::vector<TermPtr>& terms, const std::map<TermPtr, std::size_t>& number,
                      std::vector<Solution>& solutions);
  void findModel(TermPtr term, bool large, Solution& solution) const;
  void askAtListedSizes(const std::vector<TermPtr>& terms, std::vector<Solution>& solutions);
  SolveOptions solveOptions() const;
  void record(const Question& question, const Solution& solution);
  std::vector<std::string> blame(const std::map<std::string, std::int64_t>& model_values) const;
  void noteCandidate(const Question& question, const Solution& solution);

  std::string kernel_;
  const ProveOptions& options_;
  const std::vector<Sizes>& listed_;
  std::map<std::string, Tally>& tallies_;
  ProveResult& result_;
  std::set<std::pair<std::string, TermPtr>> asked_;
  std::vector<Question> questions_;
};

std::string place(const SourceLocation& where);
/// See Context::isJudged.
bool isJudged(std::string_view check, bool assumed_launch);

// One file each.
void checkLimits(Context& context, const frontend::KernelInfo& kernel, const std::string& target);
void checkOverflow(Context& context);
/// Marks the invariants among these, which are the context's model's, that are inductive: facts from then on.
void proveInvariants(Context& context, std::vector<Invariant>& invariants);
/// What the kernel requires, and no launch gives; empty: some launch may.
std::string impossibleRequirement(Context& context);
void checkClaims(Context& context);
/// Asks of each kv_assert for itself, by its text: of all that say the same, does every one hold?
void addClaims(Context& context, std::map<std::string, bool>& holds);
void checkAlignment(Context& context);
void checkReadOnly(Context& context);
void checkBounds(Context& context);
void checkLogicalBounds(Context& context);
void checkConvergence(Context& context);
void checkWarpOps(Context& context);
void checkRaces(Context& context);
void checkInitialised(Context& context);

} // namespace kverify::verifier
