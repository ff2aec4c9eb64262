#include "simulated_kernels.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include "contract/operation.h"
#include "simulation.h"

namespace kverify::testing {
namespace {

/// One row of online softmax over `n` keys, as kernels do it.
struct OnlineRow {
  Arithmetic p = Arithmetic::F32;
  int tile = 32;
  Mistake mistake = Mistake::None;
  std::vector<float> acc;
  float m = -std::numeric_limits<float>::infinity(), l = 0;

  /// score(j), and value(j, c) for the accumulator.
  void run(std::int64_t n, const std::function<float(std::int64_t)>& score,
           const std::function<float(std::int64_t, std::size_t)>& value) {
    for (std::int64_t first = 0; first < n; first += tile) {
      std::int64_t count = std::min<std::int64_t>(tile, n - first);
      if (mistake == Mistake::LostKeyInTile && count == tile)
        --count;
      std::vector<float> s(static_cast<std::size_t>(count));
      float next = m;
      for (std::int64_t j = 0; j < count; ++j) {
        s[static_cast<std::size_t>(j)] = score(first + j);
        next = std::max(next, s[static_cast<std::size_t>(j)]);
      }
      if (mistake == Mistake::NoMaxShift)
        next = 0;
      const float factor = std::isinf(m) ? 0.0f : std::exp(m - next);
      if (mistake != Mistake::NoRescaleL)
        l *= factor;
      for (float& a : acc)
        if (mistake != Mistake::NoRescaleAcc)
          a *= factor;
      m = next;
      for (std::int64_t j = 0; j < count; ++j)
        addKey(s[static_cast<std::size_t>(j)], first + j, value);
    }
  }

  void addKey(float s, std::int64_t key, const std::function<float(std::int64_t, std::size_t)>& value) {
    const float weight = std::exp(s - m);
    l += weight;
    const float rounded = roundTo(p, weight);
    for (std::size_t c = 0; c < acc.size(); ++c) {
      acc[c] += rounded * value(key, c);
      if (mistake == Mistake::HalfAccumulator)
        acc[c] = roundTo(Arithmetic::F16, acc[c]);
    }
  }
};

} // namespace

std::string nameOf(Mistake mistake) {
  static const char* names[] = {"none",
                                "scale 1 % off",
                                "scale twice",
                                "padding key",
                                "lost key",
                                "lost key in tile",
                                "no rescale acc",
                                "no rescale l",
                                "causal off by one",
                                "causal peek",
                                "mean(V)",
                                "zeros",
                                "half accumulator",
                                "no max shift",
                                "wrong key head"};
  return names[static_cast<int>(mistake)];
}

std::string nameOf(NormMistake mistake) {
  static const char* names[] = {"none",         "one pass", "one pass clamped", "divided by n-1", "no eps",
                                "lost element", "no beta",  "gamma after beta", "zeros",          "copy of the input"};
  return names[static_cast<int>(mistake)];
}

std::vector<std::vector<std::uint8_t>> runAttention(const Contract& contract, const LaunchPlan& plan, Arithmetic p,
                                                    int tile, Mistake mistake) {
  const Sizes axes = axesOf(contract, plan);
  const std::int64_t h = axes.at("h"), hk = axes.at("hk"), nq = axes.at("nq"), nk = axes.at("nk"), d = axes.at("d"),
                     dv = axes.at("dv");
  const Operand q = load(contract, plan, axes, "Q"), k = load(contract, plan, axes, "K"),
                v = load(contract, plan, axes, "V");
  const judge::RoleView out = judge::viewRole(contract, plan, axes, "O"),
                        lse = judge::viewRole(contract, plan, axes, "LSE");
  auto contents = initialContents(plan);
  Sizes sizes;
  for (const auto& [name, value] : plan.sizes)
    sizes[name] = value;
  const std::string causal = contract::choiceOption(contract, sizes, "causal").value();
  const bool is_causal = causal != "none";
  float scale = 1.0f / std::sqrt(static_cast<float>(d));
  if (mistake == Mistake::ScaleOnePercent)
    scale *= 1.01f;
  if (mistake == Mistake::ScaleTwice)
    scale *= scale;

  for (std::int64_t row = 0; row < axes.at("b") * h * nq; ++row) {
    const std::int64_t i = row % nq, head = row / nq % h, batch = row / nq / h;
    const std::int64_t key_head = batch * hk + (mistake == Mistake::WrongKeyHead ? head % hk : head / (h / hk));
    std::int64_t n = is_causal ? std::clamp<std::int64_t>(i + 1 + (causal == "top-left" ? 0 : nk - nq), 0, nk) : nk;
    if (mistake == Mistake::CausalOffByOne && is_causal)
      n = std::max<std::int64_t>(n - 1, 0);
    if (mistake == Mistake::CausalPeek && is_causal)
      n = std::min(n + 1, nk);
    if (mistake == Mistake::LostKey)
      n = std::max<std::int64_t>(n - 1, 0);
    if (mistake == Mistake::PaddingKey)
      ++n;
    auto score = [&](std::int64_t j) {
      if (mistake == Mistake::MeanV || j >= nk)
        return 0.0f;
      float sum = 0;
      for (std::int64_t e = 0; e < d; ++e)
        sum += q.values[static_cast<std::size_t>(row * d + e)] *
               k.values[static_cast<std::size_t>((key_head * nk + j) * d + e)];
      return sum * scale;
    };
    auto value = [&](std::int64_t j, std::size_t c) {
      return j >= nk ? 0.0f : v.values[static_cast<std::size_t>((key_head * nk + j) * dv) + c];
    };
    OnlineRow online{p, tile, mistake, std::vector<float>(static_cast<std::size_t>(dv), 0.0f)};
    online.run(n, score, value);
    for (std::int64_t c = 0; c < dv; ++c) {
      float result = online.l == 0 ? 0.0f : online.acc[static_cast<std::size_t>(c)] / online.l; // a NaN stays one
      if (mistake == Mistake::NoMaxShift)
        result = online.acc[static_cast<std::size_t>(c)] / online.l;
      store(contents, out, row * dv + c, mistake == Mistake::Zeros ? 0.0f : result);
    }
    if (lse.tensor)
      store(contents, lse, row, mistake == Mistake::Zeros ? 0.0f : online.m + std::log(online.l));
  }
  return contents;
}

std::vector<std::vector<std::uint8_t>> runSoftmax(const Contract& contract, const LaunchPlan& plan, int tile,
                                                  Mistake mistake) {
  const Sizes axes = axesOf(contract, plan);
  const Operand x = load(contract, plan, axes, "x");
  const judge::RoleView y = judge::viewRole(contract, plan, axes, "y");
  auto contents = initialContents(plan);
  const std::int64_t n = axes.at("n");
  for (std::int64_t row = 0; row < axes.at("rows"); ++row) {
    auto score = [&](std::int64_t j) { return j < n ? x.values[static_cast<std::size_t>(row * n + j)] : 0.0f; };
    OnlineRow online{Arithmetic::F32, tile, mistake, {}};
    std::int64_t count = n + (mistake == Mistake::PaddingKey) - (mistake == Mistake::LostKey);
    online.run(count, score, [](std::int64_t, std::size_t) { return 0.0f; });
    for (std::int64_t j = 0; j < n; ++j)
      store(contents, y, row * n + j, mistake == Mistake::Zeros ? 0.0f : std::exp(score(j) - online.m) / online.l);
  }
  return contents;
}

std::vector<std::vector<std::uint8_t>> runLayerNorm(const Contract& contract, const LaunchPlan& plan,
                                                    NormMistake mistake) {
  const Sizes axes = axesOf(contract, plan);
  const Operand x = load(contract, plan, axes, "x"), gamma = load(contract, plan, axes, "gamma"),
                beta = load(contract, plan, axes, "beta");
  const judge::RoleView y = judge::viewRole(contract, plan, axes, "y");
  auto contents = initialContents(plan);
  const std::int64_t n = axes.at("n");
  for (std::int64_t row = 0; row < axes.at("rows"); ++row) {
    const float* at = x.values.data() + row * n;
    const std::int64_t count = mistake == NormMistake::LostElement && n > 1 ? n - 1 : n;
    float sum = 0, squares = 0, centred = 0;
    for (std::int64_t j = 0; j < count; ++j) {
      sum += at[j];
      squares += at[j] * at[j];
    }
    const auto divisor = static_cast<float>(n);
    const float mean = sum / divisor;
    for (std::int64_t j = 0; j < count; ++j)
      centred += (at[j] - mean) * (at[j] - mean);
    float variance = centred / divisor;
    if (mistake == NormMistake::OnePass)
      variance = squares / divisor - mean * mean;
    if (mistake == NormMistake::OnePassClamped)
      variance = std::max(squares / divisor - mean * mean, 0.0f);
    if (mistake == NormMistake::DivideByNMinusOne)
      variance = centred / std::max(divisor - 1, 1.0f);
    const float inverse = 1.0f / std::sqrt(variance + (mistake == NormMistake::NoEps ? 0.0f : 1e-5f));
    for (std::int64_t j = 0; j < n; ++j) {
      const float g = gamma.values[static_cast<std::size_t>(j)], b = beta.values[static_cast<std::size_t>(j)];
      const float normal = (at[j] - mean) * inverse;
      float result = normal * g + b;
      if (mistake == NormMistake::NoBeta)
        result = normal * g;
      if (mistake == NormMistake::GammaAfterBeta)
        result = (normal + b) * g;
      if (mistake == NormMistake::Zeros)
        result = 0;
      if (mistake == NormMistake::CopyInput)
        result = at[j];
      store(contents, y, row * n + j, result);
    }
  }
  return contents;
}

namespace {

Contract parsed(const std::string& text) {
  auto contract = parseContract("test.json", text);
  if (!contract)
    throw std::runtime_error(contract.error().place + ": " + contract.error().message);
  return *contract;
}

} // namespace

Contract attentionContract(const std::string& dtype, const std::string& causal, const std::string& p) {
  auto tensor = [&](const std::string& shape, const char* access, const std::string& type) {
    return fmt::format(R"({{ "dtype": "{}", "shape": [{}], "access": "{}" }})", type, shape, access);
  };
  std::string queries = R"("B", "H", "Nq", "D")", keys = R"("B", "Hk", "Nk", "D")";
  return parsed(fmt::format(R"({{
    "contract": 1, "spec": "attention.forward",
    "sizes": {{ "B": {{ "range": [1, 2] }}, "Hk": {{ "range": [1, 2] }}, "G": {{ "list": [1, 3] }},
               "H": {{ "equals": "Hk*G" }},
               "Nq": {{ "range": [1, 200] }}, "Nk": {{ "range": [1, 500], "try": [31, 32, 33, 129] }},
               "D": {{ "list": [32, 64] }} }},
    "tensors": {{ "Q": {}, "K": {}, "V": {}, "O": {}, "LSE": {} }},
    "options": {{ "causal": "{}" }},
    "launches": [ {{ "kernel": "k", "args": ["Q", "K", "V", "O", "LSE"], "grid": [1], "block": [32] }} ],
    "precision": {{ "p": "{}", "tile": 32 }}
  }})",
                            tensor(queries, "read", dtype), tensor(keys, "read", dtype), tensor(keys, "read", dtype),
                            tensor(queries, "write", dtype), tensor(R"("B", "H", "Nq")", "write", "f32"), causal, p));
}

Contract softmaxContract() {
  return parsed(R"({
    "contract": 1, "spec": "softmax",
    "sizes": { "R": { "range": [1, 64] }, "N": { "range": [1, 3000], "try": [31, 32, 33, 1024] } },
    "tensors": { "x": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },
                 "y": { "dtype": "f32", "shape": ["R", "N"], "access": "write" } },
    "launches": [ { "kernel": "k", "args": ["x", "y"], "grid": ["R"], "block": [32] } ]
  })");
}

Contract layerNormContract(const std::string& variance) {
  return parsed(fmt::format(R"({{
    "contract": 1, "spec": "layer_norm",
    "sizes": {{ "R": {{ "range": [1, 64] }}, "N": {{ "range": [1, 3000], "try": [31, 32, 33, 1024] }} }},
    "tensors": {{ "x": {{ "dtype": "f32", "shape": ["R", "N"], "access": "read" }},
                 "gamma": {{ "dtype": "f32", "shape": ["N"], "access": "read" }},
                 "beta": {{ "dtype": "f32", "shape": ["N"], "access": "read" }},
                 "y": {{ "dtype": "f32", "shape": ["R", "N"], "access": "write" }} }},
    "launches": [ {{ "kernel": "k", "args": ["x", "gamma", "beta", "y"], "grid": ["R"], "block": [32] }} ],
    "precision": {{ "variance": "{}" }}
  }})",
                            variance));
}

std::vector<frontend::KernelInfo> signatureOf(const Contract& contract) {
  frontend::KernelInfo kernel;
  kernel.name = contract.launches.front().kernel;
  for (const ArgDecl& arg : contract.launches.front().args) {
    const TensorDecl& tensor = contract.tensors[std::get<TensorArgDecl>(arg.value).tensor];
    frontend::KernelParam param;
    param.name = tensor.name;
    param.kind = frontend::KernelParam::Kind::Pointer;
    param.size = param.alignment = 8;
    param.pointee_dtype = tensor.dtype;
    param.pointee_size = static_cast<std::uint32_t>(sizeOf(tensor.dtype));
    param.pointee_const = tensor.access == Access::Read;
    kernel.params.push_back(param);
  }
  return {kernel};
}

} // namespace kverify::testing
