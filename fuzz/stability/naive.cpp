#include "fuzz/stability/naive.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "fuzz/oracle/activation.h"

namespace kverify::stability {
namespace {

using Floats = std::vector<float>;
using judge::OperationRun;

Floats inputOf(const OperationRun& run, const std::string& role) {
  const std::vector<double> values = run.input(role);
  return {values.begin(), values.end()};
}

/// x[i] of a tensor that may be left out.
float elementOf(const Floats& x, std::size_t i, float otherwise) {
  return x.empty() ? otherwise : x[i];
}

/// Largest element and the sum of the exponentials under it.
std::pair<float, float> shiftedSum(const float* row, std::size_t n) {
  const float largest = *std::max_element(row, row + n);
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i)
    sum += std::exp(row[i] - largest);
  return {largest, sum};
}

NaiveResults naiveSoftmax(const OperationRun& run, bool logarithmic) {
  Floats x = inputOf(run, "x");
  const auto n = static_cast<std::size_t>(run.axis("n"));
  const auto scale = static_cast<float>(run.real("scale"));
  for (float& each : x)
    each *= scale;
  for (std::size_t first = 0; n > 0 && first + n <= x.size(); first += n) {
    const auto [largest, sum] = shiftedSum(&x[first], n);
    for (std::size_t i = first; i < first + n; ++i)
      x[i] = logarithmic ? x[i] - largest - std::log(sum) : std::exp(x[i] - largest) / sum;
  }
  return {{"y", std::move(x)}};
}

NaiveResults naiveCrossEntropy(const OperationRun& run) {
  const Floats logits = inputOf(run, "logits");
  const auto n = static_cast<std::size_t>(run.axis("classes"));
  const std::int64_t ignore = run.integer("ignore_index");
  const auto labels = run.integers("labels", std::min<std::int64_t>(0, ignore), std::max(run.axis("classes") - 1, ignore));
  const auto smoothing = static_cast<float>(run.real("label_smoothing"));
  Floats loss, lse;
  for (std::size_t row = 0; n > 0 && (row + 1) * n <= logits.size() && row < labels.size(); ++row) {
    const float* x = &logits[row * n];
    const auto [largest, sum] = shiftedSum(x, n);
    lse.push_back(largest + std::log(sum));
    float total = 0;
    for (std::size_t i = 0; i < n; ++i)
      total += x[i];
    const float target = labels[row] == ignore ? 0 : x[labels[row]];
    loss.push_back(labels[row] == ignore ? 0
                                         : (1 - smoothing) * (lse.back() - target) +
                                               smoothing * (lse.back() - total / static_cast<float>(n)));
  }
  return {{"loss", std::move(loss)}, {"LSE", std::move(lse)}};
}

/// Mean (0 for RMS norm) and 1/sqrt(variance + eps) of a row.
std::pair<float, float> statisticsOf(const float* row, std::size_t n, float eps, bool centred) {
  float sum = 0, squares = 0;
  for (std::size_t i = 0; i < n && centred; ++i)
    sum += row[i];
  const float mean = sum / static_cast<float>(n);
  for (std::size_t i = 0; i < n; ++i)
    squares += (row[i] - mean) * (row[i] - mean);
  return {mean, 1 / std::sqrt(squares / static_cast<float>(n) + eps)};
}

NaiveResults naiveNorm(const OperationRun& run, bool centred) {
  Floats x = inputOf(run, "x");
  const Floats gamma = inputOf(run, "gamma"), beta = centred ? inputOf(run, "beta") : Floats();
  const auto n = static_cast<std::size_t>(run.axis("n"));
  const auto eps = static_cast<float>(run.real("eps"));
  const float offset = centred ? 0 : static_cast<float>(run.real("weight_offset"));
  for (std::size_t first = 0; n > 0 && first + n <= x.size(); first += n) {
    const auto [mean, rstd] = statisticsOf(&x[first], n, eps, centred);
    for (std::size_t i = 0; i < n; ++i)
      x[first + i] = (x[first + i] - mean) * rstd * (elementOf(gamma, i, 1 - offset) + offset) + elementOf(beta, i, 0);
  }
  return {{"y", std::move(x)}};
}

NaiveResults naiveNormBackward(const OperationRun& run, bool centred) {
  const Floats x = inputOf(run, "x"), dy = inputOf(run, "dy"), gamma = inputOf(run, "gamma");
  const auto n = static_cast<std::size_t>(run.axis("n"));
  const auto eps = static_cast<float>(run.real("eps"));
  const float offset = centred ? 0 : static_cast<float>(run.real("weight_offset"));
  Floats dx(x.size(), 0), dgamma(n, 0), dbeta(n, 0), g(n), normal(n);
  for (std::size_t first = 0; n > 0 && first + n <= x.size(); first += n) {
    const auto [mean, rstd] = statisticsOf(&x[first], n, eps, centred);
    float sum = 0, product = 0;
    for (std::size_t i = 0; i < n; ++i) {
      normal[i] = (x[first + i] - mean) * rstd;
      g[i] = dy[first + i] * (elementOf(gamma, i, 1 - offset) + offset);
      sum += centred ? g[i] : 0;
      product += g[i] * normal[i];
      dgamma[i] += dy[first + i] * normal[i];
      dbeta[i] += dy[first + i];
    }
    for (std::size_t i = 0; i < n; ++i)
      dx[first + i] = rstd * (g[i] - sum / static_cast<float>(n) - normal[i] * (product / static_cast<float>(n)));
  }
  NaiveResults results{{"dx", std::move(dx)}, {"dgamma", std::move(dgamma)}};
  if (centred)
    results["dbeta"] = std::move(dbeta);
  return results;
}

NaiveResults naiveReduction(const OperationRun& run) {
  const Floats x = inputOf(run, "x");
  const auto n = static_cast<std::size_t>(run.axis("n"));
  const std::string operation = run.choice("operation");
  Floats y;
  for (std::size_t first = 0; n > 0 && first + n <= x.size(); first += n) {
    float sum = 0;
    for (std::size_t i = first; i < first + n; ++i)
      sum += operation == "norm" || operation == "sum-of-squares" ? x[i] * x[i] : x[i];
    if (operation == "mean")
      sum /= static_cast<float>(n);
    if (operation == "norm")
      sum = std::sqrt(sum);
    if (operation == "logsumexp") {
      const auto [largest, total] = shiftedSum(&x[first], n);
      sum = largest + std::log(total);
    }
    y.push_back(sum);
  }
  const bool sums = operation == "sum" || operation == "mean" || operation == "norm" || operation == "sum-of-squares" ||
                    operation == "logsumexp";
  return sums ? NaiveResults{{"y", std::move(y)}} : NaiveResults{}; // the others round nothing
}

/// As it is usually written in fp32; nothing for functions that are rare behind a product.
std::optional<float> activated(oracle::Activation f, float x) {
  switch (f) {
  case oracle::Activation::None: return x;
  case oracle::Activation::Relu: return std::max(x, 0.0f);
  case oracle::Activation::Gelu: return 0.5f * x * (1 + std::erf(x * 0.70710678f));
  case oracle::Activation::Silu: return x / (1 + std::exp(-x));
  case oracle::Activation::Sigmoid: return 1 / (1 + std::exp(-x));
  case oracle::Activation::Tanh: return std::tanh(x);
  default: return std::nullopt;
  }
}

NaiveResults naiveMatmul(const OperationRun& run) {
  const Floats a = inputOf(run, "A"), b = inputOf(run, "B"), c = inputOf(run, "C"), bias = inputOf(run, "bias");
  const std::int64_t m = run.axis("m"), n = run.axis("n"), k = run.axis("k");
  const auto alpha = static_cast<float>(run.real("alpha")), beta = static_cast<float>(run.real("beta"));
  const auto activation = oracle::parseActivation(run.choice("activation"));
  if (!activation || !activated(*activation, 0))
    return {};
  Floats d;
  for (std::int64_t batch = 0; batch < run.axis("batch"); ++batch)
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        float sum = 0;
        for (std::int64_t l = 0; l < k; ++l)
          sum += a[static_cast<std::size_t>((batch * m + i) * k + l)] * b[static_cast<std::size_t>((batch * k + l) * n + j)];
        sum *= alpha;
        if (!c.empty() && beta != 0)
          sum += beta * c[static_cast<std::size_t>((batch * m + i) * n + j)];
        d.push_back(*activated(*activation, sum + elementOf(bias, static_cast<std::size_t>(j), 0)));
      }
  return {{"D", std::move(d)}};
}

NaiveResults naiveOf(const OperationRun& run) {
  const std::string& oracle = run.contract().spec->oracle;
  if (oracle == "attention.forward")
    return naiveAttention(run);
  if (oracle == "attention.backward")
    return naiveAttentionBackward(run);
  if (oracle == "softmax" || oracle == "log_softmax")
    return naiveSoftmax(run, oracle == "log_softmax");
  if (oracle == "cross_entropy")
    return naiveCrossEntropy(run);
  if (oracle == "layer_norm" || oracle == "rms_norm")
    return naiveNorm(run, oracle == "layer_norm");
  if (oracle == "layer_norm.backward" || oracle == "rms_norm.backward")
    return naiveNormBackward(run, oracle == "layer_norm.backward");
  if (oracle == "reduce")
    return naiveReduction(run);
  return oracle == "matmul" ? naiveMatmul(run) : NaiveResults{};
}

} // namespace

std::map<std::string, double> naiveErrors(const Contract& contract, const LaunchPlan& plan,
                                          const judge::References& references) {
  auto run = contract.spec ? OperationRun::make(contract, plan) : fail(ErrorKind::Input, "no spec");
  if (!run)
    return {};
  const NaiveResults results = naiveOf(*run);
  std::map<std::string, double> errors;
  if (run->error())
    return errors;
  for (const auto& [role, got] : results) {
    auto reference = references.find(role);
    if (reference == references.end() || reference->second.value.size() != got.size() || !contract.findRole(role))
      continue;
    double& worst = errors[role];
    for (std::size_t i = 0; i < got.size(); ++i)
      if (std::isfinite(reference->second.value[i]))
        worst = std::max(worst, std::fabs(static_cast<double>(got[i]) - reference->second.value[i]));
  }
  return errors;
}

} // namespace kverify::stability
