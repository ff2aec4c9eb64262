#pragma once
// Questions about terms, answered by Z3. "Unsatisfiable" is for all integers; "satisfiable" comes with a model that
// makes every assertion true, products included.
#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "verifier/model/term.h"

namespace kverify::verifier {

struct Query {
  std::vector<TermPtr> assertions; ///< booleans; the bounds of their symbols are added
};

enum class Answer { Unsatisfiable, Satisfiable, Unknown };

struct Solution {
  Answer answer = Answer::Unknown;
  std::map<std::string, std::int64_t> model; ///< by symbol name, where satisfiable
  std::string hash;                          ///< SHA-256 of the linear query's SMT-LIB text; of several, one after the other, where it stands on them
  std::string reason;                        ///< where unknown
  double seconds = 0;
  std::size_t lemmas = 0;
  bool timed_out = false;
  bool cached = false;        ///< unsatisfiable since it was so before
  bool cross_checked = false; ///< the second solver says so too
  std::string disagreement;   ///< of the second solver; then nothing is proved
  bool searched = false;      ///< a model was looked for, whether or not one was found
  bool bounded = false;       ///< unsatisfiable at the listed sizes; not known for others
};

struct SolveOptions {
  unsigned timeout_ms = 10000;
  bool want_model = true;  ///< look for a model once the proof has failed
  std::string dump_folder; ///< where every query is written as <hash>.smt2; empty = nowhere
  const std::set<std::string>* known = nullptr; ///< hashes of queries that are unsatisfiable
  const std::atomic<bool>* stop = nullptr;      ///< ends the query early
  bool only_model = false; ///< the proof has failed already
  bool large_model = false; ///< look among large sizes first: an overflow shows itself at no small one
  std::string second_solver; ///< a program that reads SMT-LIB, "cvc5": asked again what was proved; empty = none
};

/// Solvers share nothing: several may work at once on terms of one pool.
class Solver {
public:
  Solver(const TermPool&, SolveOptions options) : options_(std::move(options)) {}
  /// Never throws.
  Solution solve(const Query& query);

  /// "z3 4.8.12".
  static std::string name();

  std::size_t queries = 0;
  double seconds = 0;

private:
  SolveOptions options_;
};

} // namespace kverify::verifier
