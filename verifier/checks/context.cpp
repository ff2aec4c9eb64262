#include "verifier/checks/context.h"

#include <fmt/format.h>

namespace kverify::verifier {

std::string place(const SourceLocation& where) {
  return where.line ? fmt::format("line {}", where.line) : std::string("the launch");
}

bool Context::refuteAll(const std::string& check, const std::vector<TermPtr>& assertions, const std::string& what,
                        const SourceLocation& where, const SourceLocation& other) {
  TermPtr all = pool.boolean(true);
  for (TermPtr one : assertions)
    all = pool.both(all, one);
  Tally& tally = tallies_[check];
  auto known = asked_.find({check, all});
  if (known != asked_.end())
    return known->second;
  if (all->op == Op::False) {
    ++tally.proved;
    return asked_[{check, all}] = true;
  }
  if (result_.seconds > options_.kernel_seconds) {
    tally.open.push_back({unknown_reason::time_budget, fmt::format("{} was not reached", what)});
    return asked_[{check, all}] = false;
  }
  Query query;
  query.assertions = all->op == Op::And ? all->args : std::vector<TermPtr>{all};
  bool search = options_.want_candidates && tally.open.size() < 2;
  Solution solution = Solver(pool, {options_.obligation_ms, search, options_.dump_smt2}).solve(query);
  ++result_.queries;
  result_.seconds += solution.seconds;
  tally.seconds += solution.seconds;
  bool proved = solution.answer == Answer::Unsatisfiable;
  if (proved) {
    ++tally.proved;
    tally.hashes.insert(solution.hash);
  } else if (solution.answer == Answer::Satisfiable) {
    noteCandidate(check, solution, what, where, other);
    tally.open.push_back({unknown_reason::unconfirmed, what});
  } else {
    tally.open.push_back({"not proved", fmt::format("{}: {}", what, solution.reason)});
  }
  return asked_[{check, all}] = proved;
}

bool Context::isImpossible(const std::vector<TermPtr>& assertions) {
  if (result_.seconds > options_.kernel_seconds)
    return false;
  Solution solution = Solver(pool, {options_.obligation_ms, false, options_.dump_smt2}).solve({assertions});
  ++result_.queries;
  result_.seconds += solution.seconds;
  return solution.answer == Answer::Unsatisfiable;
}

void Context::noteCandidate(const std::string& check, const Solution& solution, const std::string& what,
                            const SourceLocation& where, const SourceLocation& other) {
  Candidate candidate{check, kernel_, {}, solution.model, what, where, other};
  for (const auto& [name, value] : solution.model)
    if (name.starts_with("size."))
      candidate.sizes[name.substr(5)] = value;
  result_.candidates.push_back(std::move(candidate));
}

} // namespace kverify::verifier
