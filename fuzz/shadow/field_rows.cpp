// Operations on rows, in the field: softmax, log-softmax, cross-entropy, reductions.
#include <algorithm>
#include <cmath>

#include "fuzz/judge/operations/masked.h"
#include "fuzz/shadow/field_masks.h"

namespace kverify::shadow {
namespace {

using namespace simt::shadow;

/// A factor of a row's elements: its residues, and the number for its sign.
struct Scale {
  FieldValue residues;
  double value = 1;
};

/// exp of a row's scaled elements, and their sum. No maximum is needed.
FieldWeights exponentials(const FieldCase& one, const FieldValue* x, std::int64_t n, const Scale& scale) {
  FieldWeights out;
  for (std::int64_t i = 0; i < n; ++i)
    out.add(one.field, isInfinite(x[i]) ? timesInfinity(x[i], scale.value) : one.field.multiply(x[i], scale.residues));
  return out;
}

FieldWeights exponentials(const FieldCase& one, const FieldValue* x, std::int64_t n) {
  return exponentials(one, x, n, {one.field.exactly(1), 1});
}

/// Nothing is asked of a row that is -inf throughout.
FieldValue logSumExp(const FieldArithmetic& f, const FieldWeights& e) {
  return e.masked || e.isOpen() ? open() : f.logarithm(e.sum);
}

FieldValue sumOf(const FieldCase& one, const FieldValue* x, std::int64_t n) {
  FieldValue sum;
  for (std::int64_t i = 0; i < n; ++i)
    sum = addScores(one.field, sum, x[i]);
  return sum;
}

} // namespace

void softmaxInField(FieldCase& one) {
  const std::int64_t rows = one.run.axis("rows"), n = one.run.axis("n");
  const FieldValues x = one.operand("x");
  const Scale scale{one.constant(one.run.real("scale")), one.run.real("scale")};
  const bool zeros =
      one.run.contract().spec->findOption("masked_rows") && judge::readMaskedRow(one.run) == oracle::MaskedRow::Zero;
  FieldValues& y = one.out.outputs["y"];
  for (std::int64_t row = 0; row < rows && n > 0; ++row) {
    const FieldWeights e = exponentials(one, x.data() + row * n, n, scale);
    if (e.masked || e.isOpen()) {
      y.insert(y.end(), static_cast<std::size_t>(n), zeros && !e.isOpen() ? FieldValue() : open());
      continue;
    }
    const FieldValue inverse = one.field.inverse(e.sum);
    for (const FieldValue& each : e.weights)
      y.push_back(one.field.multiply(each, inverse));
  }
  one.bound(4 * static_cast<double>(n), 2); // e_i l' - e'_i l
}

void logSoftmaxInField(FieldCase& one) {
  const std::int64_t rows = one.run.axis("rows"), n = one.run.axis("n");
  const FieldValues x = one.operand("x");
  const Scale scale{one.constant(one.run.real("scale")), one.run.real("scale")};
  FieldValues& y = one.out.outputs["y"];
  for (std::int64_t row = 0; row < rows && n > 0; ++row) {
    const FieldWeights e = exponentials(one, x.data() + row * n, n, scale);
    const bool asked = !e.masked && !e.isOpen();
    const FieldValue inverse = asked ? one.field.inverse(e.sum) : FieldValue();
    for (std::int64_t i = 0; i < n; ++i)
      if (!asked)
        y.push_back(open());
      else if (isInfinite(x[static_cast<std::size_t>(row * n + i)]))
        y.push_back(specialValue(kMinusInfinity, kData));
      else
        y.push_back(one.field.logarithm(one.field.multiply(e.weights[static_cast<std::size_t>(i)], inverse)));
  }
  one.bound(4 * static_cast<double>(n), 2);
}

namespace {

struct CrossEntropy {
  explicit CrossEntropy(FieldCase& one)
      : rows(one.run.axis("rows")), classes(one.run.axis("classes")), ignore(one.run.integer("ignore_index")),
        labels(one.run.integers("labels", std::min<std::int64_t>(0, ignore), std::max(classes - 1, ignore))),
        logits(one.operand("logits")), dloss(one.operand("dloss")), reduction(one.run.choice("reduction")) {
    const double e = one.run.real("label_smoothing");
    is_smoothed = e != 0;
    smoothing = one.constant(e);
    rest = one.field.subtract(one.field.exactly(1), smoothing);
    off_target = one.field.multiply(smoothing, one.share(classes));
    factor = one.constant(one.run.real("gradient_scale"));
    if (is_smoothed) {
      one.know(1 - e, rest);
      one.know(e / static_cast<double>(classes), off_target);
    }
    const auto counted = std::count_if(labels.begin(), labels.end(), [&](std::int64_t each) { return each != ignore; });
    average = reduction == "mean" ? one.share(counted) : one.field.exactly(1);
  }

  std::int64_t rows, classes, ignore;
  std::vector<std::int64_t> labels;
  FieldValues logits, dloss;
  bool is_smoothed = false;
  std::string reduction;
  FieldValue smoothing, rest, off_target, factor, average;
};

/// LSE - target; +inf where the label's own logit is -inf. A class without weight is not looked at.
FieldValue lossOf(const FieldCase& one, const CrossEntropy& a, const FieldValue* x, std::int64_t label,
                  const FieldValue& lse) {
  const FieldArithmetic& f = one.field;
  const FieldValue average = a.is_smoothed ? sumOf(one, x, a.classes) : FieldValue();
  if (isInfinite(x[label]) || average.isSpecial())
    return a.is_smoothed ? open() : specialValue(kPlusInfinity, kData);
  return f.subtract(lse, f.add(f.multiply(a.rest, x[label]), f.multiply(a.off_target, average)));
}

void crossEntropyRow(FieldCase& one, const CrossEntropy& a, std::int64_t row, FieldValue& total) {
  const FieldArithmetic& f = one.field;
  const FieldValue* x = a.logits.data() + row * a.classes;
  const auto at = static_cast<std::size_t>(row);
  const std::int64_t label = a.labels[at];
  const FieldWeights e = exponentials(one, x, a.classes);
  const FieldValue lse = logSumExp(f, e);
  const bool asked = !lse.is(kUnknown);
  one.out.outputs["LSE"].push_back(lse);
  FieldValues& gradient = one.out.outputs["dlogits"];
  if (label == a.ignore) {
    one.out.outputs["loss"].push_back(f.exactly(0));
    gradient.insert(gradient.end(), static_cast<std::size_t>(a.classes), f.exactly(0));
    return;
  }
  const FieldValue loss = asked ? lossOf(one, a, x, label, lse) : open();
  one.out.outputs["loss"].push_back(loss);
  const bool adds = !total.is(kUnknown) && !loss.is(kUnknown) && !isInfinite(loss);
  total = adds ? f.add(total, loss) : open();
  if (!asked) {
    gradient.insert(gradient.end(), static_cast<std::size_t>(a.classes), open());
    return;
  }
  const FieldValue inverse = f.inverse(e.sum);
  FieldValue factor = f.multiply(a.factor, a.average);
  if (!a.dloss.empty())
    factor = f.multiply(factor, a.dloss[at]);
  for (std::int64_t i = 0; i < a.classes; ++i) {
    FieldValue p = f.subtract(f.multiply(e.weights[static_cast<std::size_t>(i)], inverse), a.off_target);
    if (i == label)
      p = f.subtract(p, a.rest);
    gradient.push_back(f.multiply(factor, p));
  }
}

} // namespace

void crossEntropyInField(FieldCase& one) {
  const CrossEntropy a(one);
  if (one.run.error())
    return;
  FieldValue total = one.field.exactly(0);
  for (std::int64_t row = 0; row < a.rows; ++row)
    crossEntropyRow(one, a, row, total);
  const bool asked = !a.average.isSpecial() && !total.is(kUnknown);
  one.out.outputs["total"] = {asked ? one.field.multiply(total, a.average) : open()};
  one.bound(4 * static_cast<double>(a.classes), 3);
}

namespace {

/// The element that a comparison of the concrete values picks; kTie where another one is as large.
FieldValue extreme(const std::vector<double>& values, const FieldValue* x, std::int64_t row, std::int64_t n,
                   bool maximum) {
  const double* first = values.data() + row * n;
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < n; ++i)
    if (maximum ? first[i] > first[best] : first[i] < first[best])
      best = i;
  FieldValue out = x[best];
  if (std::count(first, first + n, first[best]) > 1)
    out.tag |= kTie;
  return out;
}

} // namespace

void reductionInField(FieldCase& one) {
  const std::int64_t rows = one.run.axis("rows"), n = one.run.axis("n");
  const FieldValues x = one.operand("x");
  const std::vector<double> values = one.run.input("x");
  const std::string operation = one.run.choice("operation");
  const bool picks = operation.ends_with("max") || operation.ends_with("min");
  const FieldArithmetic& f = one.field;
  if (!one.run.has("y")) {
    one.out.uncovered = "an index is no number of the field";
    return;
  }
  const FieldValue share = operation == "mean" ? one.share(n) : f.exactly(1);
  FieldValues& y = one.out.outputs["y"];
  for (std::int64_t row = 0; row < rows; ++row) {
    const FieldValue* first = x.data() + row * n;
    FieldValue squares;
    for (std::int64_t i = 0; i < n; ++i)
      f.accumulate(squares, first[i], first[i]);
    if (n == 0 && (picks || operation == "mean" || operation == "logsumexp"))
      y.push_back(open());
    else if (picks)
      y.push_back(extreme(values, first, row, n, operation.ends_with("max")));
    else if (operation == "sum" || operation == "mean")
      y.push_back(f.multiply(sumOf(one, first, n), share));
    else if (operation == "sum-of-squares")
      y.push_back(squares);
    else if (operation == "norm")
      y.push_back(f.root(squares));
    else
      y.push_back(logSumExp(f, exponentials(one, first, n)));
  }
  one.bound(2 * static_cast<double>(n), 2);
}

} // namespace kverify::shadow
