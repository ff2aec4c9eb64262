// Matrix product, elementwise operations, reductions, rotary embedding.
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "fuzz/judge/operations.h"
#include "fuzz/oracle/elementwise.h"
#include "fuzz/oracle/matmul.h"
#include "fuzz/oracle/reduction.h"
#include "fuzz/oracle/rope.h"

namespace kverify::judge {
namespace {

oracle::Activation activationOf(const OperationRun& run, const std::string& option) {
  const std::string name = run.choice(option);
  const auto activation = oracle::parseActivation(name);
  if (!activation)
    run.refuse(fmt::format("there is no reference of '{}' for {}", name, run.contract().spec->name));
  return activation.value_or(oracle::Activation::None);
}

} // namespace

References askMatmul(const OperationRun& run) {
  const auto a = run.input("A"), b = run.input("B"), c = run.input("C"), bias = run.input("bias");
  oracle::MatmulProblem problem;
  problem.batch = run.axis("batch");
  problem.m = run.axis("m");
  problem.n = run.axis("n");
  problem.k = run.axis("k");
  problem.a = a;
  problem.b = b;
  problem.c = c;
  problem.bias = bias;
  problem.alpha = run.real("alpha");
  problem.beta = run.real("beta");
  problem.activation = activationOf(run, "activation");
  problem.slope = run.real("slope");
  if (problem.beta != 0 && !run.has("C"))
    run.refuse(fmt::format("beta = {}, but no tensor has the role 'C'", problem.beta));
  const oracle::Rounding rounding = run.rounding("D");
  if (run.error())
    return {};
  return {{"D", oracle::matmul(problem, rounding)}};
}

References askElementwise(const OperationRun& run) {
  using Combine = oracle::ElementwiseProblem::Combine;
  const auto x = run.input("x"), z = run.input("z"), bias = run.input("bias");
  oracle::ElementwiseProblem problem;
  problem.rows = run.axis("rows");
  problem.n = run.axis("n");
  problem.x = x;
  problem.z = z;
  problem.bias = bias;
  problem.function = activationOf(run, "function");
  problem.alpha = run.real("alpha");
  const std::string combine = run.choice("combine");
  for (auto [name, value] : {std::pair("add", Combine::Add), std::pair("subtract", Combine::Subtract),
                             std::pair("multiply", Combine::Multiply), std::pair("divide", Combine::Divide)})
    if (combine == name)
      problem.combine = value;
  if (run.has("z") != (problem.combine != Combine::None))
    run.refuse(run.has("z") ? "a tensor has the role 'z', but the option combine is 'none'"
                            : fmt::format("combine = {} needs a tensor of the role 'z'", combine));
  const oracle::Rounding rounding = run.rounding("y");
  if (run.error())
    return {};
  return {{"y", oracle::elementwise(problem, rounding)}};
}

References askReduction(const OperationRun& run) {
  using oracle::Reduction;
  using Problem = oracle::ReductionProblem;
  const auto x = run.input("x");
  Problem problem{run.axis("rows"), run.axis("n"), x};
  static const std::map<std::string, Reduction> operations = {
      {"sum", Reduction::Sum},       {"mean", Reduction::Mean},     {"max", Reduction::Max},
      {"min", Reduction::Min},       {"norm", Reduction::Norm},     {"sum-of-squares", Reduction::SumOfSquares},
      {"argmax", Reduction::ArgMax}, {"argmin", Reduction::ArgMin}, {"logsumexp", Reduction::LogSumExp}};
  const std::string operation = run.choice("operation");
  const bool is_index = operation.starts_with("arg");
  if (!run.error())
    problem.operation = operations.at(operation);
  if (run.choice("ties") == "any")
    problem.ties = Problem::Ties::Any;
  const std::string nans = run.choice("nan");
  if (nans != "any")
    problem.nans = nans == "ignore" ? Problem::NaNs::Ignore : Problem::NaNs::Propagate;
  if (is_index && !run.has("index"))
    run.refuse(fmt::format("{} needs a tensor of the role 'index'", operation));
  if (!is_index && (run.has("index") || !run.has("y")))
    run.refuse(fmt::format("{} has the output 'y' and no 'index'", operation));
  const oracle::Rounding rounding = run.rounding("y");
  if (run.error())
    return {};
  oracle::ReductionReference reference = oracle::reduceRows(problem, rounding);
  return {{"y", std::move(reference.value)}, {"index", std::move(reference.index)}};
}

References askRope(const OperationRun& run) {
  const auto x = run.input("x"), cosine = run.input("cos"), sine = run.input("sin");
  oracle::RopeProblem problem;
  problem.b = run.axis("b");
  problem.h = run.axis("h");
  problem.n = run.axis("n");
  problem.d = run.axis("d");
  problem.rotary = run.integer("rotary");
  problem.base = run.real("base");
  problem.interleaved = run.choice("style") == "interleaved";
  problem.inverse = run.choice("direction") == "inverse";
  problem.fast_sine = run.contract().precision.exp == Precision::Exp::Fast;
  const bool has_table = run.has("cos");
  problem.table = has_table ? run.axis("p") : std::int64_t{1} << 40;
  if (has_table != run.has("sin"))
    run.refuse("tensors of the roles 'cos' and 'sin' go together");
  if (!run.error() && (problem.rotary < 0 || problem.rotary % 2 != 0 || problem.rotary > problem.d))
    run.refuse(fmt::format("rotary = {} is not an even number of the {} channels", problem.rotary, problem.d));
  if (!run.error() && has_table && run.axis("half") * 2 != problem.rotary)
    run.refuse(
        fmt::format("the tables have {} columns, but {} channels turn in pairs", run.axis("half"), problem.rotary));
  if (!run.error() && !run.has("positions") && problem.n > problem.table)
    run.refuse(fmt::format("{} positions, but the tables have {} rows", problem.n, problem.table));
  const auto positions = run.integers("positions", 0, problem.table - 1);
  problem.x = x;
  problem.cosine = cosine;
  problem.sine = sine;
  problem.positions = positions;
  const oracle::Rounding rounding = run.rounding("y");
  if (run.error())
    return {};
  return {{"y", oracle::rope(problem, rounding)}};
}

/// Tables are cosines and sines of the usual angles.
DerivedInputs deriveRope(const OperationRun& run) {
  const std::int64_t positions = run.axis("p"), half = run.axis("half");
  const double base = run.real("base");
  DerivedInputs derived;
  for (std::int64_t position = 0; position < positions; ++position)
    for (std::int64_t pair = 0; pair < half; ++pair) {
      const double angle =
          static_cast<double>(position) * std::pow(base, -static_cast<double>(pair) / static_cast<double>(half));
      derived["cos"].push_back(std::cos(angle));
      derived["sin"].push_back(std::sin(angle));
    }
  return derived;
}

} // namespace kverify::judge
