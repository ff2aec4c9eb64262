// Softmax and the norms.
#include "fuzz/judge/operations.h"
#include "fuzz/oracle/rows.h"

namespace kverify::judge {

References askSoftmax(const OperationRun& run) {
  const std::vector<double> x = run.input("x");
  const oracle::SoftmaxProblem problem{run.axis("rows"), run.axis("n"), x, run.real("scale")};
  const oracle::Rounding rounding = run.rounding("y");
  if (run.error())
    return {};
  return {{"y", oracle::softmax(problem, rounding)}};
}

References askLayerNorm(const OperationRun& run) {
  const std::vector<double> x = run.input("x"), gamma = run.input("gamma"), beta = run.input("beta");
  const oracle::LayerNormProblem problem{run.axis("rows"), run.axis("n"), x, gamma, beta, run.real("eps")};
  const oracle::Rounding rounding = run.rounding("y");
  if (run.error())
    return {};
  return {{"y", oracle::layerNorm(problem, rounding)}};
}

} // namespace kverify::judge
