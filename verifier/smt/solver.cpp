#include "verifier/smt/solver.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <z3++.h>

#include "core/hash.h"
#include "verifier/smt/linearise.h"
#include "verifier/smt/second_opinion.h"
#include "verifier/smt/watchdog.h"

namespace kverify::verifier {

namespace {

std::string decimal(Int128 value) {
  bool negative = value < 0;
  std::string digits;
  do {
    int digit = static_cast<int>(value % 10);
    digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    value /= 10;
  } while (value != 0);
  return negative ? "-" + digits : digits;
}

/// Formulas as z3 expressions; products of atoms either as they are or as one variable each.
class Encoder {
public:
  Encoder(z3::context& context, bool linear) : context_(context), linear_(linear) {}

  z3::expr operator()(const Formula& formula) {
    z3::expr_vector parts(context_);
    switch (formula.kind) {
    case Formula::Kind::True: return context_.bool_val(true);
    case Formula::Kind::False: return context_.bool_val(false);
    case Formula::Kind::Leaf: {
      z3::expr value = sum(formula.poly);
      return formula.equality ? value == 0 : value >= 0;
    }
    case Formula::Kind::Not: return !(*this)(formula.parts[0]);
    default:
      for (const Formula& part : formula.parts)
        parts.push_back((*this)(part));
      if (parts.empty()) // "(and)" is no SMT-LIB: another solver could not read the question
        return context_.bool_val(formula.kind == Formula::Kind::And);
      return formula.kind == Formula::Kind::And ? z3::mk_and(parts) : z3::mk_or(parts);
    }
  }

  z3::expr atom(TermPtr term) {
    std::string name = term->op == Op::Symbol ? term->sym->name : "t" + std::to_string(term->id);
    std::replace(name.begin(), name.end(), '|', '~'); // SMT-LIB has no way to write it
    return context_.int_const(name.c_str());
  }

  bool approximates() const { return approximates_; }
  const std::map<std::string, TermPtr>& symbols() const { return symbols_; }

private:
  z3::expr sum(const Poly& poly) {
    z3::expr total = context_.int_val(0);
    for (const auto& [monomial, coefficient] : poly.terms) {
      z3::expr factor = context_.int_val(decimal(coefficient).c_str());
      total = total + (monomial.empty() ? factor : factor * product(monomial));
    }
    return total;
  }

  z3::expr product(const Monomial& monomial) {
    for (TermPtr factor : monomial) {
      if (factor->op == Op::Symbol)
        symbols_[factor->sym->name] = factor;
      approximates_ = approximates_ || factor->op == Op::Apply || factor->op == Op::TruncDiv;
    }
    if (monomial.size() == 1)
      return atom(monomial[0]);
    if (!linear_) {
      z3::expr all = atom(monomial[0]);
      for (std::size_t i = 1; i < monomial.size(); ++i)
        all = all * atom(monomial[i]);
      return all;
    }
    approximates_ = true;
    std::string name = "m";
    for (TermPtr factor : monomial)
      name += "." + std::to_string(factor->id);
    return context_.int_const(name.c_str());
  }

  z3::context& context_;
  bool linear_;
  bool approximates_ = false; ///< a model of the encoding need not be one of the terms
  std::map<std::string, TermPtr> symbols_;
};

void readModel(const z3::model& model, Encoder& encode, Solution& solution) {
  for (const auto& [name, term] : encode.symbols()) {
    std::int64_t value = 0;
    if (model.eval(encode.atom(term), true).is_numeral_i64(value))
      solution.model[name] = value;
  }
}

/// Bounded integers with their products as bit-vectors, as Z3's own qfnia does it, but without its inner timers.
z3::tactic productTactic(z3::context& context) {
  z3::params params(context);
  params.set("nla2bv_max_bv_size", 64u);
  z3::tactic to_bits = with(z3::tactic(context, "nla2bv"), params);
  return z3::tactic(context, "simplify") & z3::tactic(context, "propagate-values") & to_bits &
         z3::tactic(context, "simplify") & z3::tactic(context, "solve-eqs") & z3::tactic(context, "bit-blast") &
         z3::tactic(context, "sat");
}

bool isSize(TermPtr term) {
  return term->sym->scope == Scope::Grid;
}

/// The least value worth trying: a size that may be negative is tried from zero on.
std::int64_t leastOf(TermPtr size) {
  return std::max<std::int64_t>(size->sym->low.value_or(0), 0);
}

/// Looks for true models at small sizes, and then for still smaller sizes.
class ModelSearch {
public:
  ModelSearch(const LinearQuery& query, const SolveOptions& options, Solution& solution)
      : options_(options), solution_(solution), encode_(context_, false), base_(context_) {
    for (const Formula& assertion : query.assertions)
      base_.push_back(encode_(assertion));
  }

  /// Every size at most `above` over the least that is worth trying. False: none was found.
  bool find(std::int64_t above) {
    std::map<std::string, std::int64_t> most;
    for (const auto& [name, term] : encode_.symbols())
      if (isSize(term))
        most[name] = leastOf(term) + above;
    unsigned timeout_ms = options_.timeout_ms / 10;
    return check(productTactic(context_), most, timeout_ms) || check(z3::tactic(context_, "smt"), most, timeout_ms / 2);
  }

  /// The least sizes that the solver still accepts, one size after the other, by bisection.
  void shrink() {
    auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.timeout_ms / 10);
    std::map<std::string, std::int64_t> most;
    for (const auto& [name, term] : encode_.symbols())
      if (isSize(term))
        most[name] = solution_.model[name];
    for (auto& [name, bound] : most) {
      std::int64_t low = leastOf(encode_.symbols().at(name)), high = bound;
      while (low < high && std::chrono::steady_clock::now() < until) {
        std::map<std::string, std::int64_t> smaller = most;
        std::int64_t middle = low + (high - low) / 2;
        smaller[name] = middle;
        if (check(productTactic(context_), smaller, 200))
          high = std::min(middle, solution_.model[name]);
        else
          low = middle + 1;
      }
      bound = high;
    }
  }

  /// At sizes that are given, which makes most products linear: the largest, then mixtures of large and small ones.
  bool findLarge() {
    std::uint64_t state = 1;
    for (int round = 0; round < kLargeRounds; ++round) {
      std::map<std::string, std::int64_t> sizes;
      for (const auto& [name, term] : encode_.symbols())
        if (isSize(term))
          sizes[name] = round == 0 ? mostOf(term) : drawn(term, state);
      if (checkAt(sizes)) {
        shrinkFrom(std::move(sizes));
        return true;
      }
    }
    return false;
  }

private:
  static constexpr int kLargeRounds = 24;

  static std::int64_t mostOf(TermPtr size) { return size->sym->high.value_or(INT32_MAX); }

  /// The greatest, the least, or something between by its order of magnitude.
  static std::int64_t drawn(TermPtr size, std::uint64_t& state) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    std::uint64_t kind = (state >> 33) % 3, bits = state >> 40;
    std::int64_t low = leastOf(size), high = mostOf(size);
    if (kind == 0 || high <= low)
      return high;
    if (kind == 1)
      return low;
    std::int64_t above = (high - low) >> (bits % 24);
    return low + static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(above + 1));
  }

  bool checkAt(const std::map<std::string, std::int64_t>& sizes) {
    Watchdog watchdog(context_, 250, options_.stop);
    z3::tactic tactic = z3::tactic(context_, "simplify") & z3::tactic(context_, "propagate-values") &
                        z3::tactic(context_, "simplify") & z3::tactic(context_, "smt");
    z3::solver solver = tactic.mk_solver();
    for (const z3::expr& one : base_)
      solver.add(one);
    for (const auto& [name, value] : sizes)
      solver.add(encode_.atom(encode_.symbols().at(name)) == context_.int_val(value));
    if (solver.check() != z3::sat)
      return false;
    solution_.model.clear();
    readModel(solver.get_model(), encode_, solution_);
    return true;
  }

  /// The least value of one size after the other, as far as bisection sees it.
  void shrinkFrom(std::map<std::string, std::int64_t> sizes) {
    auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.timeout_ms / 5);
    for (auto& [name, value] : sizes) {
      std::int64_t low = leastOf(encode_.symbols().at(name)), high = value;
      while (low < high && std::chrono::steady_clock::now() < until) {
        value = low + (high - low) / 2;
        if (checkAt(sizes))
          high = value;
        else
          low = value + 1;
      }
      value = high;
    }
  }

  bool check(const z3::tactic& tactic, const std::map<std::string, std::int64_t>& most, unsigned timeout_ms) {
    Watchdog watchdog(context_, std::max(timeout_ms, 50u), options_.stop);
    z3::solver solver = tactic.mk_solver();
    for (const z3::expr& one : base_)
      solver.add(one);
    for (const auto& [name, bound] : most)
      solver.add(encode_.atom(encode_.symbols().at(name)) <= context_.int_val(bound));
    if (solver.check() != z3::sat)
      return false;
    solution_.model.clear();
    readModel(solver.get_model(), encode_, solution_);
    return true;
  }

  const SolveOptions& options_;
  Solution& solution_;
  z3::context context_;
  Encoder encode_;
  z3::expr_vector base_;
};

void dump(const std::string& folder, const Solution& solution, const std::string& text) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  std::ofstream(folder + "/" + solution.hash.substr(0, 16) + ".smt2") << text;
}

void askAgain(const SolveOptions& options, const std::string& text, Solution& solution) {
  SecondOpinion opinion = askProgram(options.second_solver, text, options.timeout_ms);
  solution.cross_checked = opinion.answer == Answer::Unsatisfiable;
  if (opinion.answer != Answer::Satisfiable)
    return;
  solution.answer = Answer::Unknown;
  solution.disagreement = solution.reason =
      fmt::format("{} says no and {} says yes to query {}", Solver::name(), options.second_solver, solution.hash);
}

/// One way to ask, and its share of the time. What one arithmetic engine or one seed loses itself in, another often
/// answers at once.
struct Attempt {
  const char* parameter;
  unsigned value;
  unsigned share; ///< of 4
};
constexpr Attempt kAttempts[] = {{nullptr, 0, 1}, {"arith.solver", 2, 1}, {"random_seed", 7, 2}};

z3::solver solverOf(z3::context& context, const Attempt& attempt, const z3::expr_vector& assertions) {
  z3::tactic tactic(context, "smt");
  if (attempt.parameter) {
    z3::params params(context);
    params.set(attempt.parameter, attempt.value);
    tactic = with(tactic, params);
  }
  z3::solver solver = tactic.mk_solver();
  for (const z3::expr& one : assertions)
    solver.add(one);
  return solver;
}

/// Asks in one way after the other, until there is an answer.
void attempt(z3::context& context, Encoder& encode, const z3::expr_vector& assertions, const SolveOptions& options,
             Solution& solution) {
  for (const Attempt& one : kAttempts) {
    z3::solver solver = solverOf(context, one, assertions);
    z3::check_result result = z3::unknown;
    {
      Watchdog watchdog(context, std::max(options.timeout_ms * one.share / 4, 1u), options.stop);
      result = solver.check();
      solution.timed_out = result == z3::unknown && watchdog.expired();
    }
    if (result == z3::unsat)
      solution.answer = Answer::Unsatisfiable;
    solution.reason = solution.timed_out     ? "no answer in the time given"
                      : result == z3::unknown ? solver.reason_unknown()
                                              : "products of symbols are only approximated";
    if (result == z3::sat && !encode.approximates()) {
      solution.answer = Answer::Satisfiable;
      readModel(solver.get_model(), encode, solution);
    }
    if (!solution.timed_out || (options.stop && *options.stop))
      return;
  }
}

void solveLinear(LinearQuery& query, const SolveOptions& options, Solution& solution) {
  z3::context context;
  Encoder encode(context, true);
  z3::expr_vector assertions(context);
  for (const Formula& assertion : query.assertions)
    assertions.push_back(encode(assertion));
  for (const Formula& lemma : query.lemmas)
    assertions.push_back(encode(lemma));
  std::string text = solverOf(context, kAttempts[0], assertions).to_smt2();
  solution.hash = sha256Hex(text);
  if (!options.dump_folder.empty())
    dump(options.dump_folder, solution, text);
  if (options.known && options.known->count(solution.hash)) {
    solution.answer = Answer::Unsatisfiable;
    solution.cached = true;
    return;
  }
  attempt(context, encode, assertions, options, solution);
  if (solution.answer == Answer::Unsatisfiable && !options.second_solver.empty())
    askAgain(options, text, solution);
}

/// A model, or a smaller one, where the proof failed.
void findModel(const LinearQuery& query, const SolveOptions& options, Solution& solution) {
  ModelSearch search(query, options, solution);
  if (options.large_model && search.findLarge()) {
    solution.answer = Answer::Satisfiable;
    return;
  }
  for (std::int64_t above : {3, 16, 300})
    if (search.find(above)) {
      solution.answer = Answer::Satisfiable;
      break;
    }
  if (solution.answer == Answer::Satisfiable)
    search.shrink();
}

} // namespace

std::string Solver::name() {
  unsigned major = 0, minor = 0, build = 0, revision = 0;
  Z3_get_version(&major, &minor, &build, &revision);
  return fmt::format("z3 {}.{}.{}", major, minor, build);
}

Solution Solver::solve(const Query& query) {
  auto begin = std::chrono::steady_clock::now();
  Solution solution;
  try {
    LinearQuery linear(query.assertions);
    linear.addLemmas();
    solution.lemmas = linear.lemmas.size();
    if (linear.overflow)
      solution.reason = "a coefficient is too large";
    else if (!options_.only_model)
      solveLinear(linear, options_, solution);
    bool open = solution.answer != Answer::Unsatisfiable && solution.disagreement.empty();
    if (open && !linear.overflow && options_.want_model && !(options_.stop && *options_.stop))
      findModel(linear, options_, solution);
  } catch (const z3::exception& error) {
    solution = Solution{};
    solution.reason = fmt::format("z3: {}", error.msg());
  }
  solution.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  ++queries;
  seconds += solution.seconds;
  return solution;
}

} // namespace kverify::verifier
