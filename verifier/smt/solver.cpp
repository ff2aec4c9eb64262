#include "verifier/smt/solver.h"

#include <chrono>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <z3++.h>

#include "core/hash.h"
#include "verifier/smt/linearise.h"

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
      return formula.kind == Formula::Kind::And ? z3::mk_and(parts) : z3::mk_or(parts);
    }
  }

  z3::expr atom(TermPtr term) {
    std::string name = term->op == Op::Symbol ? term->sym->name : "t" + std::to_string(term->id);
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

z3::solver makeSolver(z3::context& context, const char* tactic, unsigned timeout_ms) {
  z3::solver solver = z3::tactic(context, tactic).mk_solver();
  z3::params params(context);
  params.set("timeout", timeout_ms);
  solver.set(params);
  return solver;
}

void readModel(const z3::model& model, Encoder& encode, Solution& solution) {
  for (const auto& [name, term] : encode.symbols()) {
    std::int64_t value = 0;
    if (model.eval(encode.atom(term), true).is_numeral_i64(value))
      solution.model[name] = value;
  }
}

/// A true model at small sizes: all sizes at most `most` where their bounds allow it.
bool searchModel(const LinearQuery& query, std::int64_t most, unsigned timeout_ms, Solution& solution) {
  z3::context context;
  Encoder encode(context, false);
  z3::solver solver = makeSolver(context, "qfnia", timeout_ms);
  for (const Formula& assertion : query.assertions)
    solver.add(encode(assertion));
  for (const auto& [name, term] : encode.symbols()) {
    bool size = term->sym->scope == Scope::Grid && term->sym->low.value_or(0) <= most;
    if (size)
      solver.add(encode.atom(term) <= context.int_val(most));
  }
  if (solver.check() != z3::sat)
    return false;
  readModel(solver.get_model(), encode, solution);
  return true;
}

void solveLinear(LinearQuery& query, const SolveOptions& options, Solution& solution) {
  z3::context context;
  Encoder encode(context, true);
  z3::solver solver = makeSolver(context, "smt", options.timeout_ms);
  for (const Formula& assertion : query.assertions)
    solver.add(encode(assertion));
  for (const Formula& lemma : query.lemmas)
    solver.add(encode(lemma));
  std::string text = solver.to_smt2();
  solution.hash = sha256Hex(text);
  if (!options.dump_folder.empty()) {
    std::error_code ignored;
    std::filesystem::create_directories(options.dump_folder, ignored);
    std::ofstream(options.dump_folder + "/" + solution.hash.substr(0, 16) + ".smt2") << text;
  }
  z3::check_result result = solver.check();
  if (result == z3::unsat) {
    solution.answer = Answer::Unsatisfiable;
    return;
  }
  solution.reason = result == z3::unknown ? solver.reason_unknown() : "products of symbols are only approximated";
  if (result == z3::sat && !encode.approximates()) {
    solution.answer = Answer::Satisfiable;
    readModel(solver.get_model(), encode, solution);
  }
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
  (void)pool_;
  try {
    LinearQuery linear(query.assertions);
    linear.addLemmas();
    solution.lemmas = linear.lemmas.size();
    if (linear.overflow)
      solution.reason = "a coefficient is too large";
    else
      solveLinear(linear, options_, solution);
    bool search = solution.answer == Answer::Unknown && !linear.overflow && options_.want_model;
    for (std::int64_t most : {4, 17}) {
      if (search && solution.answer == Answer::Unknown && searchModel(linear, most, options_.timeout_ms / 10, solution))
        solution.answer = Answer::Satisfiable;
    }
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
