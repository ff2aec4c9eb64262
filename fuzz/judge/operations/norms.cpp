// Layer norm and RMS norm, forward and backward.
#include "fuzz/oracle/norms.h"

#include "fuzz/judge/operations.h"

namespace kverify::judge {
namespace {

/// The operands of a backward pass; `problem` looks into the vectors.
struct Backward {
  explicit Backward(const OperationRun& run)
      : x(run.input("x")), dy(run.input("dy")), weight(run.input("gamma")), mean(run.input("mean")),
        rstd(run.input("rstd")) {
    problem.rows = run.axis("rows");
    problem.n = run.axis("n");
    problem.x = x;
    problem.dy = dy;
    problem.weight = weight;
    problem.mean = mean;
    problem.rstd = rstd;
    problem.eps = run.real("eps");
  }
  Backward(const Backward&) = delete;
  Backward& operator=(const Backward&) = delete;

  std::vector<double> x, dy, weight, mean, rstd;
  oracle::NormBackwardProblem problem;
};

std::vector<double> flat(const oracle::Array& array) {
  return {array.data(), array.data() + array.size()};
}

} // namespace

References askLayerNorm(const OperationRun& run) {
  const std::vector<double> x = run.input("x"), gamma = run.input("gamma"), beta = run.input("beta");
  const oracle::LayerNormProblem problem{run.axis("rows"), run.axis("n"), x, gamma, beta, run.real("eps")};
  const oracle::Rounding rounding = run.rounding("y"), mean = run.rounding("mean"), rstd = run.rounding("rstd");
  if (run.error())
    return {};
  const oracle::RowStatistics statistics = oracle::layerStatistics(x, problem.rows, problem.n, problem.eps, rounding);
  return {{"y", oracle::layerNorm(problem, rounding)},
          {"mean", oracle::referenceOf(statistics.mean, mean)},
          {"rstd", oracle::referenceOf(statistics.rstd, rstd)}};
}

References askRmsNorm(const OperationRun& run) {
  const std::vector<double> x = run.input("x"), weight = run.input("gamma");
  const oracle::RmsNormProblem problem{run.axis("rows"), run.axis("n"),   x,
                                       weight,           run.real("eps"), run.real("weight_offset")};
  const oracle::Rounding rounding = run.rounding("y"), rstd = run.rounding("rstd");
  if (run.error())
    return {};
  const oracle::RmsNormReference reference = oracle::rmsNorm(problem, rounding);
  return {{"y", oracle::referenceOf(reference.y, rounding)}, {"rstd", oracle::referenceOf(reference.rstd, rstd)}};
}

References askLayerNormBackward(const OperationRun& run) {
  const Backward backward(run);
  const oracle::Rounding dx = run.rounding("dx"), dgamma = run.rounding("dgamma"), dbeta = run.rounding("dbeta");
  if (run.error())
    return {};
  const oracle::NormGradients gradients = oracle::layerNormBackward(backward.problem, dx);
  return {{"dx", oracle::referenceOf(gradients.dx, dx)},
          {"dgamma", oracle::referenceOf(gradients.dgamma, dgamma)},
          {"dbeta", oracle::referenceOf(gradients.dbeta, dbeta)}};
}

References askRmsNormBackward(const OperationRun& run) {
  Backward backward(run);
  backward.problem.weight_offset = run.real("weight_offset");
  const oracle::Rounding dx = run.rounding("dx"), dgamma = run.rounding("dgamma");
  if (run.error())
    return {};
  const oracle::NormGradients gradients = oracle::rmsNormBackward(backward.problem, dx);
  return {{"dx", oracle::referenceOf(gradients.dx, dx)}, {"dgamma", oracle::referenceOf(gradients.dgamma, dgamma)}};
}

/// The statistics that the forward pass saves.
DerivedInputs deriveLayerNormBackward(const OperationRun& run) {
  const std::vector<double> x = run.input("x");
  const oracle::RowStatistics statistics =
      oracle::layerStatistics(x, run.axis("rows"), run.axis("n"), run.real("eps"), oracle::Rounding{});
  return {{"mean", flat(statistics.mean.value)}, {"rstd", flat(statistics.rstd.value)}};
}

DerivedInputs deriveRmsNormBackward(const OperationRun& run) {
  const std::vector<double> x = run.input("x");
  const oracle::RmsNormProblem problem{run.axis("rows"), run.axis("n"), x, {}, run.real("eps"), 0};
  return {{"rstd", flat(oracle::rmsNorm(problem, oracle::Rounding{}).rstd.value)}};
}

} // namespace kverify::judge
