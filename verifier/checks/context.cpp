#include "verifier/checks/context.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/thread_pool.h"

namespace kverify::verifier {

namespace {

/// Candidates that are looked for, of one check of one launch: each costs a search and a run.
constexpr std::size_t kMostCandidates = 2;

/// Kinds of values that the model leaves open, as it names their symbols.
const std::set<std::string> kUnfollowed = {"loaded",  "value",      "call",       "constant",   "comparison",    "boolean",
                                           "shift",   "arithmetic", "conversion", "loop",       "uninitialised", "byte"};

Query queryOf(TermPtr all) {
  return {all->op == Op::And ? all->args : std::vector<TermPtr>{all}};
}

} // namespace

std::string place(const SourceLocation& where) {
  return where.line ? fmt::format("line {}", where.line) : std::string("the launch");
}

void Context::refuteAll(const std::string& check, const std::vector<TermPtr>& assertions, const std::string& what,
                        const SourceLocation& where, const SourceLocation& other) {
  TermPtr all = pool.boolean(true);
  for (TermPtr one : assertions)
    all = pool.both(all, one);
  Tally& tally = tallies_[check];
  if (!asked_.emplace(check, all).second)
    return;
  if (all->op == Op::False)
    ++tally.proved;
  else
    questions_.push_back({check, all, what, where, other});
}

bool Context::timeIsUp() const {
  std::chrono::duration<double> spent = std::chrono::steady_clock::now() - result_.begin;
  return spent.count() > options_.kernel_seconds || (options_.stop && *options_.stop);
}

SolveOptions Context::solveOptions() const {
  SolveOptions options;
  options.timeout_ms = options_.obligation_ms;
  options.want_model = false;
  options.dump_folder = options_.dump_smt2;
  options.known = options_.known.empty() ? nullptr : &options_.known;
  options.stop = options_.stop;
  options.second_solver = options_.second_solver;
  return options;
}

bool Context::proves(const std::string& check, const std::vector<TermPtr>& assertions, unsigned timeout_ms) {
  if (timeIsUp())
    return false;
  SolveOptions options = solveOptions();
  options.timeout_ms = std::min(options.timeout_ms, timeout_ms);
  Solution solution = Solver(pool, options).solve({assertions});
  ++result_.queries;
  result_.seconds += solution.seconds;
  if (solution.answer != Answer::Unsatisfiable && solution.disagreement.empty())
    return false;
  record({check, nullptr, "a question asked at once", {}, {}}, solution);
  return true;
}

bool Context::isImpossible(const std::vector<TermPtr>& assertions, unsigned timeout_ms) {
  if (timeIsUp())
    return false;
  SolveOptions options = solveOptions();
  if (timeout_ms)
    options.timeout_ms = std::min(options.timeout_ms, timeout_ms);
  Solution solution = Solver(pool, options).solve({assertions});
  ++result_.queries;
  result_.seconds += solution.seconds;
  bool no = solution.answer == Answer::Unsatisfiable;
  if (no)
    result_.proved_queries.insert(solution.hash);
  return no;
}

void Context::settle() {
  std::vector<TermPtr> terms; // a question that several checks ask is answered once
  std::map<TermPtr, std::size_t> number;
  for (const Question& question : questions_)
    if (number.emplace(question.all, terms.size()).second)
      terms.push_back(question.all);
  std::vector<Solution> solutions(terms.size());
  parallelFor(terms.size(), options_.workers, [&](std::size_t i) {
    if (timeIsUp())
      solutions[i].timed_out = true;
    else
      solutions[i] = Solver(pool, solveOptions()).solve(queryOf(terms[i]));
  });
  std::set<std::size_t> wanted; // candidates are looked for once it is known what stays open
  std::map<std::string, std::size_t> count;
  for (const Question& question : questions_) {
    const Solution& solution = solutions[number[question.all]];
    bool open = solution.answer != Answer::Unsatisfiable && solution.disagreement.empty();
    if (open && options_.want_candidates && count[question.check]++ < kMostCandidates)
      wanted.insert(number[question.all]);
  }
  std::vector<std::size_t> search(wanted.begin(), wanted.end());
  parallelFor(search.size(), options_.workers, [&](std::size_t i) {
    SolveOptions options = solveOptions();
    options.want_model = options.only_model = true;
    Solution found = timeIsUp() ? Solution{} : Solver(pool, options).solve(queryOf(terms[search[i]]));
    Solution& solution = solutions[search[i]];
    solution.seconds += found.seconds;
    if (found.answer != Answer::Satisfiable)
      return;
    solution.answer = Answer::Satisfiable;
    solution.model = std::move(found.model);
  });
  for (const Solution& solution : solutions)
    result_.seconds += solution.seconds;
  result_.queries += solutions.size();
  for (const Question& question : questions_)
    record(question, solutions[number[question.all]]);
  questions_.clear();
}

void Context::record(const Question& question, const Solution& solution) {
  Tally& tally = tallies_[question.check];
  tally.seconds += solution.seconds;
  ++tally.asked;
  if (!solution.disagreement.empty()) {
    tally.open.insert(tally.open.begin(), {unknown_reason::tool_error, solution.disagreement});
  } else if (solution.answer == Answer::Unsatisfiable) {
    ++tally.proved;
    tally.cached += solution.cached;
    tally.cross_checked += solution.cross_checked;
    tally.hashes.insert(solution.hash);
    result_.proved_queries.insert(solution.hash);
  } else if (solution.answer == Answer::Satisfiable) {
    noteCandidate(question, solution);
    tally.open.push_back({unknown_reason::unconfirmed, question.what});
  } else if (solution.timed_out) {
    bool asked = !solution.hash.empty();
    if (options_.stop && *options_.stop)
      return tally.open.push_back({unknown_reason::interrupted, question.what + ": stopped before it was answered"});
    tally.open.push_back({unknown_reason::time_budget,
                          asked ? fmt::format("{}: no answer in {:.0f} s", question.what, options_.obligation_ms / 1e3)
                                : fmt::format("{}: the kernel's {:.0f} s were used up before it was asked",
                                              question.what, options_.kernel_seconds)});
  } else {
    tally.open.push_back({"not proved", fmt::format("{}: {}", question.what, solution.reason)});
  }
}

/// The abstractions behind a model: what the terms do not follow, and the solver chose freely.
std::vector<std::string> Context::blame(const std::map<std::string, std::int64_t>& model_values) const {
  std::map<std::string, std::string> sources;
  for (const auto& [sym, from] : model.loaded)
    sources[sym->name] = fmt::format("a value loaded from '{}'", domain.places[from.array].name);
  std::vector<std::string> blamed;
  for (const auto& [name, value] : model_values) {
    std::string plain = name.substr(0, name.find_first_of("#@|"));
    std::string kind = plain.substr(0, plain.find('.'));
    auto source = sources.find(plain);
    if (source != sources.end())
      blamed.push_back(fmt::format("{} is {}", source->second, value));
    else if (kUnfollowed.count(kind))
      blamed.push_back(fmt::format("a value that is not followed ({}) is {}", kind, value));
  }
  return blamed;
}

void Context::noteCandidate(const Question& question, const Solution& solution) {
  Candidate candidate{question.check, kernel_, {}, solution.model, question.what, {}, question.where,
                      question.other};
  candidate.blame = blame(solution.model);
  for (const auto& [name, value] : solution.model) {
    if (name.starts_with("size."))
      candidate.sizes[name.substr(5)] = value;
    if (name.starts_with("multiple."))
      candidate.sizes[name.substr(9)] = value * domain.multiples.at(name.substr(9));
  }
  result_.candidates.push_back(std::move(candidate));
}

} // namespace kverify::verifier
