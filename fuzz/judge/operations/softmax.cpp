// Softmax, log-softmax, cross-entropy.
#include <algorithm>

#include <fmt/format.h>

#include "fuzz/judge/operations.h"
#include "fuzz/judge/operations/masked.h"
#include "fuzz/oracle/rows.h"

namespace kverify::judge {
namespace {

using Softmax = oracle::Reference (*)(const oracle::SoftmaxProblem&, const oracle::Rounding&);

References askRows(const OperationRun& run, Softmax softmax) {
  const std::vector<double> x = run.input("x");
  oracle::SoftmaxProblem problem{run.axis("rows"), run.axis("n"), x, run.real("scale")};
  if (run.contract().spec->findOption("masked_rows"))
    problem.masked_row = readMaskedRow(run);
  const oracle::Rounding rounding = run.rounding("y");
  if (run.error())
    return {};
  return {{"y", softmax(problem, rounding)}};
}

/// Labels in [0, classes), or the ignored one.
std::vector<std::int64_t> labelsOf(const OperationRun& run, std::int64_t classes, std::int64_t ignore) {
  auto labels = run.integers("labels", std::min<std::int64_t>(0, ignore), std::max(classes - 1, ignore));
  for (std::int64_t label : labels)
    if (label != ignore && (label < 0 || label >= classes))
      run.refuse(fmt::format("a label is {}: labels are in [0, {}], or {} (ignore_index)", label, classes - 1, ignore));
  return labels;
}

} // namespace

References askSoftmax(const OperationRun& run) {
  return askRows(run, oracle::softmax);
}

References askLogSoftmax(const OperationRun& run) {
  return askRows(run, oracle::logSoftmax);
}

References askCrossEntropy(const OperationRun& run) {
  using Reduction = oracle::CrossEntropyProblem::Reduction;
  const auto logits = run.input("logits"), dloss = run.input("dloss");
  oracle::CrossEntropyProblem problem;
  problem.rows = run.axis("rows");
  problem.classes = run.axis("classes");
  problem.ignore = run.integer("ignore_index");
  const auto labels = labelsOf(run, problem.classes, problem.ignore);
  problem.logits = logits;
  problem.labels = labels;
  problem.dloss = dloss;
  problem.smoothing = run.real("label_smoothing");
  problem.gradient_scale = run.real("gradient_scale");
  const std::string reduction = run.choice("reduction");
  problem.reduction = reduction == "mean" ? Reduction::Mean : reduction == "sum" ? Reduction::Sum : Reduction::None;
  if (problem.smoothing < 0 || problem.smoothing > 1)
    run.refuse(fmt::format("label_smoothing = {} is not in [0, 1]", problem.smoothing));
  if (run.has("total") && reduction == "none")
    run.refuse("the contract has a 'total', but the option reduction is 'none': sum or mean?");
  if (run.has("dloss") && reduction != "none")
    run.refuse("'dloss' is a gradient per row: it goes with the reduction 'none'");
  if (!run.error() && problem.classes == 0)
    run.refuse("there are no classes");
  const oracle::Rounding loss = run.rounding("loss"), lse = run.rounding("LSE"), total = run.rounding("total"),
                         gradient = run.rounding("dlogits");
  if (run.error())
    return {};
  const oracle::CrossEntropyReference reference = oracle::crossEntropy(problem, loss);
  return {{"loss", oracle::referenceOf(reference.loss, loss)},
          {"LSE", oracle::referenceOf(reference.lse, lse)},
          {"total", oracle::referenceOf(reference.total, total)},
          {"dlogits", oracle::referenceOf(reference.gradient, gradient)}};
}

} // namespace kverify::judge
