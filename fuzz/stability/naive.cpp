#include "fuzz/stability/naive.h"

#include <algorithm>
#include <cmath>

#include "contract/operation.h"
#include "fuzz/properties/relation.h"

namespace kverify::stability {
namespace {

using properties::Setting;

std::vector<float> input(const Setting& setting, const LaunchPlan& plan, const std::string& role) {
  const judge::RoleView view = properties::viewOf(setting, plan, role);
  if (!view.tensor)
    return {};
  const std::vector<double> values = judge::readDense(view, view.tensor->dtype, plan.buffers[view.buffer].bytes);
  return {values.begin(), values.end()};
}

float option(const Setting& setting, const char* name) {
  auto value = contract::realOption(setting.contract, setting.sizes, setting.axes, name);
  return value ? static_cast<float>(*value) : 1;
}

/// exp(x - max) / sum in place.
void softmaxRow(std::vector<float>& row) {
  const float largest = row.empty() ? 0 : *std::max_element(row.begin(), row.end());
  float sum = 0;
  for (float& x : row)
    sum += x = std::exp(x - largest);
  for (float& x : row)
    x /= sum;
}

std::vector<float> naiveAttention(const Setting& s, const LaunchPlan& plan) {
  const std::vector<float> q = input(s, plan, "Q"), k = input(s, plan, "K"), v = input(s, plan, "V");
  const std::int64_t heads = s.axis("b") * s.axis("h"), group = s.axis("h") / s.axis("hk");
  const std::int64_t nq = s.axis("nq"), nk = s.axis("nk"), d = s.axis("d"), dv = s.axis("dv");
  const float scale = option(s, "scale");
  std::vector<float> out(static_cast<std::size_t>(heads * nq * dv), 0);
  for (std::int64_t head = 0; head < heads; ++head)
    for (std::int64_t i = 0; i < nq; ++i) {
      std::vector<float> p(static_cast<std::size_t>(properties::visibleKeys(s, i)));
      for (std::size_t j = 0; j < p.size(); ++j) {
        float dot = 0;
        for (std::int64_t c = 0; c < d; ++c)
          dot += q[static_cast<std::size_t>((head * nq + i) * d + c)] *
                 k[static_cast<std::size_t>((head / group * nk + static_cast<std::int64_t>(j)) * d + c)];
        p[j] = dot * scale;
      }
      softmaxRow(p);
      for (std::int64_t c = 0; c < dv; ++c)
        for (std::size_t j = 0; j < p.size(); ++j)
          out[static_cast<std::size_t>((head * nq + i) * dv + c)] +=
              p[j] * v[static_cast<std::size_t>((head / group * nk + static_cast<std::int64_t>(j)) * dv + c)];
    }
  return out;
}

std::vector<float> naiveSoftmax(const Setting& s, const LaunchPlan& plan) {
  std::vector<float> x = input(s, plan, "x");
  const auto n = static_cast<std::size_t>(s.axis("n"));
  const float scale = option(s, "scale");
  for (std::size_t first = 0; first + n <= x.size() && n > 0; first += n) {
    std::vector<float> row(x.begin() + static_cast<std::ptrdiff_t>(first),
                           x.begin() + static_cast<std::ptrdiff_t>(first + n));
    for (float& each : row)
      each *= scale;
    softmaxRow(row);
    std::copy(row.begin(), row.end(), x.begin() + static_cast<std::ptrdiff_t>(first));
  }
  return x;
}

std::vector<float> naiveLayerNorm(const Setting& s, const LaunchPlan& plan) {
  std::vector<float> x = input(s, plan, "x");
  const std::vector<float> gamma = input(s, plan, "gamma"), beta = input(s, plan, "beta");
  const auto n = static_cast<std::size_t>(s.axis("n"));
  const float eps = option(s, "eps");
  for (std::size_t first = 0; first + n <= x.size() && n > 0; first += n) {
    float sum = 0, squares = 0;
    for (std::size_t i = 0; i < n; ++i)
      sum += x[first + i];
    const float mean = sum / static_cast<float>(n);
    for (std::size_t i = 0; i < n; ++i)
      squares += (x[first + i] - mean) * (x[first + i] - mean);
    const float inverse = 1 / std::sqrt(squares / static_cast<float>(n) + eps);
    for (std::size_t i = 0; i < n; ++i)
      x[first + i] = (x[first + i] - mean) * inverse * (gamma.empty() ? 1 : gamma[i]) + (beta.empty() ? 0 : beta[i]);
  }
  return x;
}

} // namespace

std::optional<double> naiveError(const Setting& setting, const LaunchPlan& plan, const judge::References& references) {
  std::vector<float> got;
  const char* role = "y";
  if (properties::isPlainAttention(setting)) {
    got = naiveAttention(setting, plan);
    role = "O";
  } else if (setting.oracle() == "softmax") {
    got = naiveSoftmax(setting, plan);
  } else if (setting.oracle() == "layer_norm") {
    got = naiveLayerNorm(setting, plan);
  }
  auto reference = references.find(role);
  if (got.empty() || reference == references.end() || reference->second.value.size() != got.size())
    return std::nullopt;
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i)
    worst = std::max(worst, std::fabs(static_cast<double>(got[i]) - reference->second.value[i]));
  return worst;
}

} // namespace kverify::stability
