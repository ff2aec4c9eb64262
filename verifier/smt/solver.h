#pragma once
// Questions about terms, answered by Z3. "Unsatisfiable" is for all integers; "satisfiable" comes with a model that
// makes every assertion true, products included.
#include <cstdint>
#include <map>
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
  std::string hash;                          ///< SHA-256 of the SMT-LIB text of the linear query
  std::string reason;                        ///< where unknown
  double seconds = 0;
  std::size_t lemmas = 0;
};

struct SolveOptions {
  unsigned timeout_ms = 10000;
  bool want_model = true;  ///< look for a model once the proof has failed
  std::string dump_folder; ///< where every query is written as <hash>.smt2; empty = nowhere
};

class Solver {
public:
  Solver(TermPool& pool, SolveOptions options) : pool_(pool), options_(std::move(options)) {}
  Solution solve(const Query& query);

  /// "z3 4.8.12".
  static std::string name();

  std::size_t queries = 0;
  double seconds = 0;

private:
  TermPool& pool_;
  SolveOptions options_;
};

} // namespace kverify::verifier
