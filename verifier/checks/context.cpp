#include "verifier/checks/context.h"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include "core/thread_pool.h"
#include "verifier/checks/sizes.h"

namespace kverify::verifier {

namespace {

/// Of one SHA-256 in hex.
constexpr std::size_t kHashDigits = 64;

/// Candidates that are looked for, of one check of one launch: each costs a search and a run.
constexpr std::size_t kMostCandidates = 2;

/// Of the kernel's time for the questions about all sizes, where there is something to fall back on.
constexpr double kShareOfAllSizes = 0.7;

/// Of that, for the tries with fewer assertions: the questions themselves have to be asked after them.
constexpr double kShareOfTries = 0.7;

/// Kinds of values that the model leaves open, as it names their symbols.
const std::set<std::string> kUnfollowed = {"loaded",  "value",      "call",       "constant",   "comparison",    "boolean",
                                           "shift",   "arithmetic", "conversion", "loop",       "uninitialised", "byte", "atomic"};

Query queryOf(TermPtr all) {
  return {all->op == Op::And ? all->args : std::vector<TermPtr>{all}};
}

void noteLine(const SourceLocation& where, std::set<JudgedLine>& lines) {
  if (where.line && !where.file.empty())
    lines.insert({where.file, where.line});
}

TermPtr conjunction(TermPool& pool, const std::vector<TermPtr>& assertions) {
  TermPtr all = pool.boolean(true);
  for (TermPtr one : assertions)
    all = pool.both(all, one);
  return all;
}

} // namespace

std::string place(const SourceLocation& where) {
  return where.line ? fmt::format("line {}", where.line) : std::string("the launch");
}

bool isJudged(std::string_view check, bool assumed_launch) {
  bool declared = check.starts_with("bounds.global-") || check == "access.readonly-write" ||
                  check == "arith.divide-by-zero" || check == "index.shift" || check == "output.unwritten";
  return !assumed_launch || !declared;
}

bool Context::isJudged(std::string_view check) const {
  return verifier::isJudged(check, options_.assumed_launch);
}

void Context::trivial(const std::string& check, const SourceLocation& where) {
  Tally& tally = tallies_[check];
  ++tally.proved;
  noteLine(where, tally.lines);
}

void Context::refuteAll(const std::string& check, const std::vector<TermPtr>& assertions, const std::string& what,
                        const SourceLocation& where, const SourceLocation& other, const std::vector<TermPtr>& fewer) {
  TermPtr all = conjunction(pool, assertions);
  Tally& tally = tallies_[check];
  noteLine(where, tally.lines);
  noteLine(other, tally.lines);
  if (!asked_.emplace(check, all).second)
    return;
  if (all->op == Op::False)
    ++tally.proved;
  else
    questions_.push_back({check, all, what, where, other, fewer.empty() ? nullptr : conjunction(pool, fewer)});
}

bool Context::timeIsUp(double share) const {
  std::chrono::duration<double> spent = std::chrono::steady_clock::now() - result_.begin;
  return spent.count() > share * options_.kernel_seconds || (options_.stop && *options_.stop);
}

bool Context::tooLate(const std::string& check) {
  if (!timeIsUp())
    return false;
  std::vector<Unknown>& open = tallies_[check].open;
  if (open.empty() || open.back().code != unknown_reason::time_budget)
    open.push_back({unknown_reason::time_budget,
                    fmt::format("the kernel's {:.0f} s were used up before all was asked", options_.kernel_seconds)});
  return true;
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

/// Unknown where there is no time left.
Solution Context::askAtOnce(const std::vector<TermPtr>& assertions, unsigned timeout_ms) {
  if (timeIsUp())
    return {};
  SolveOptions options = solveOptions();
  if (timeout_ms)
    options.timeout_ms = std::min(options.timeout_ms, timeout_ms);
  Solution solution = Solver(pool, options).solve({assertions});
  ++result_.queries;
  result_.seconds += solution.seconds;
  return solution;
}

bool Context::proves(const std::string& check, const std::vector<TermPtr>& assertions, unsigned timeout_ms) {
  Solution solution = askAtOnce(assertions, timeout_ms);
  if (!settles(solution))
    return false;
  tallies_[check].seconds += solution.seconds;
  record({check, nullptr, "a question asked at once", {}, {}}, solution);
  return true;
}

bool Context::isImpossible(const std::vector<TermPtr>& assertions, unsigned timeout_ms) {
  Solution solution = askAtOnce(assertions, timeout_ms);
  bool no = solution.answer == Answer::Unsatisfiable;
  if (no)
    result_.proved_queries.insert(solution.hash);
  return no;
}

double Context::shareOfAllSizes() const {
  return listed_.empty() ? 1 : kShareOfAllSizes;
}

/// There is nothing more to ask: it is proved, or two solvers disagree, which is to be reported.
bool Context::settles(const Solution& solution) {
  return solution.answer == Answer::Unsatisfiable || !solution.disagreement.empty();
}

/// Questions that are answered by some of their assertions ask no more than these; the answers.
std::map<TermPtr, Solution> Context::tryFewer() {
  std::map<TermPtr, Solution> answers;
  std::vector<TermPtr> terms;
  for (const Question& question : questions_)
    if (question.fewer && answers.emplace(question.fewer, Solution{}).second)
      terms.push_back(question.fewer);
  SolveOptions options = solveOptions();
  options.timeout_ms = std::max(1u, options.timeout_ms / 4);
  parallelFor(terms.size(), options_.workers, [&](std::size_t i) {
    if (!timeIsUp(kShareOfTries * shareOfAllSizes()))
      answers.at(terms[i]) = Solver(pool, options).solve(queryOf(terms[i]));
  });
  std::set<std::pair<std::string, TermPtr>> counted;
  for (Question& question : questions_)
    if (question.fewer) {
      const Solution& solution = answers.at(question.fewer);
      if (settles(solution))
        question.all = question.fewer;
      else if (counted.emplace(question.check, question.fewer).second)
        tallies_[question.check].seconds += solution.seconds;
    }
  for (const auto& [term, solution] : answers) {
    bool in_vain = !settles(solution) && solution.seconds > 0; // the others count as the questions that they answer
    result_.queries += in_vain;
    result_.seconds += in_vain ? solution.seconds : 0;
  }
  return answers;
}

void Context::settle() {
  std::map<TermPtr, Solution> answered = tryFewer();
  std::vector<TermPtr> terms; // a question that several checks ask is answered once
  std::map<TermPtr, std::size_t> number;
  for (const Question& question : questions_)
    if (number.emplace(question.all, terms.size()).second)
      terms.push_back(question.all);
  std::vector<Solution> solutions(terms.size());
  parallelFor(terms.size(), options_.workers, [&](std::size_t i) {
    auto known = answered.find(terms[i]);
    if (known != answered.end() && settles(known->second))
      solutions[i] = known->second;
    else if (timeIsUp(shareOfAllSizes()))
      solutions[i].timed_out = true;
    else
      solutions[i] = Solver(pool, solveOptions()).solve(queryOf(terms[i]));
  });
  if (options_.want_candidates) {
    findCandidates(terms, number, solutions);
    askAtListedSizes(terms, solutions);
  }
  for (const Solution& solution : solutions)
    result_.seconds += solution.seconds;
  result_.queries += solutions.size();
  std::set<std::pair<std::string, TermPtr>> counted;
  for (const Question& question : questions_) {
    const Solution& solution = solutions[number[question.all]];
    record(question, solution);
    if (counted.emplace(question.check, question.all).second)
      tallies_[question.check].seconds += solution.seconds;
  }
  questions_.clear();
}

/// Once it is known what stays open.
void Context::findCandidates(const std::vector<TermPtr>& terms, const std::map<TermPtr, std::size_t>& number,
                             std::vector<Solution>& solutions) {
  std::set<std::size_t> wanted, large;
  std::map<std::string, std::size_t> count;
  for (const Question& question : questions_) {
    std::size_t at = number.at(question.all);
    bool open = solutions[at].answer != Answer::Unsatisfiable && solutions[at].disagreement.empty();
    if (open && count[question.check]++ < kMostCandidates)
      wanted.insert(at);
    if (question.check == "index.overflow")
      large.insert(at);
  }
  std::vector<std::size_t> search(wanted.begin(), wanted.end());
  parallelFor(search.size(), options_.workers, [&](std::size_t i) {
    findModel(terms[search[i]], large.count(search[i]) != 0, solutions[search[i]]);
  });
}

void Context::findModel(TermPtr term, bool large, Solution& solution) const {
  SolveOptions options = solveOptions();
  options.want_model = options.only_model = true;
  options.large_model = large;
  Solution found = timeIsUp() ? Solution{} : Solver(pool, options).solve(queryOf(term));
  solution.seconds += found.seconds;
  solution.searched = !timeIsUp();
  if (found.answer != Answer::Satisfiable)
    return;
  solution.answer = Answer::Satisfiable;
  solution.model = std::move(found.model);
}

/// What has neither a proof nor a candidate is asked again at each of the listed sizes, which makes its products linear.
void Context::askAtListedSizes(const std::vector<TermPtr>& terms, std::vector<Solution>& solutions) {
  struct Part {
    TermPtr term = nullptr;
    const Sizes* sizes = nullptr;
    Solution solution;
  };
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (listed_.empty() || solutions[i].answer != Answer::Unknown || !solutions[i].disagreement.empty() || timeIsUp())
      continue;
    if (!solutions[i].searched) // the listed sizes may be just those at which nothing goes wrong
      findModel(terms[i], true, solutions[i]);
    if (solutions[i].answer != Answer::Unknown || !solutions[i].searched)
      continue;
    std::vector<Part> parts;
    for (const Sizes& sizes : listed_)
      if (TermPtr term = atSizes(pool, domain, sizes, terms[i]))
        parts.push_back({term, &sizes, {}});
    std::atomic<bool> failed{parts.empty()};
    parallelFor(parts.size(), options_.workers, [&](std::size_t k) {
      if (failed || timeIsUp() || parts[k].term->op == Op::False) {
        failed = failed || parts[k].term->op != Op::False;
        return;
      }
      SolveOptions options = solveOptions();
      options.timeout_ms = std::max(1u, options_.obligation_ms / 4);
      options.want_model = options_.want_candidates;
      parts[k].solution = Solver(pool, options).solve(queryOf(parts[k].term));
      failed = failed || parts[k].solution.answer != Answer::Unsatisfiable;
    });
    std::string hashes;
    for (Part& one : parts) {
      solutions[i].seconds += one.solution.seconds;
      hashes += one.solution.hash;
      if (one.solution.answer == Answer::Unsatisfiable)
        result_.proved_queries.insert(one.solution.hash);
      if (!one.solution.disagreement.empty())
        solutions[i].disagreement = one.solution.disagreement;
      if (one.solution.answer != Answer::Satisfiable || solutions[i].answer == Answer::Satisfiable)
        continue;
      solutions[i].answer = Answer::Satisfiable;
      solutions[i].model = one.solution.model;
      for (const auto& [name, value] : *one.sizes)
        solutions[i].model["size." + name] = value;
    }
    if (failed)
      continue;
    solutions[i].answer = Answer::Unsatisfiable;
    solutions[i].bounded = true;
    solutions[i].cached = solutions[i].cross_checked = false;
    solutions[i].hash = std::move(hashes);
  }
}

void Context::record(const Question& question, const Solution& solution) {
  Tally& tally = tallies_[question.check];
  ++tally.asked;
  if (!settles(solution) || !solution.disagreement.empty()) {
    noteLine(question.where, tally.open_lines);
    noteLine(question.other, tally.open_lines);
  }
  if (!solution.disagreement.empty()) {
    tally.open.insert(tally.open.begin(), {unknown_reason::tool_error, solution.disagreement});
  } else if (solution.answer == Answer::Unsatisfiable) {
    ++tally.proved;
    tally.cached += solution.cached;
    tally.bounded = tally.bounded || solution.bounded;
    tally.cross_checked += solution.cross_checked;
    for (std::size_t at = 0; at < solution.hash.size(); at += kHashDigits)
      tally.hashes.insert(solution.hash.substr(at, kHashDigits));
    if (!solution.bounded)
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
