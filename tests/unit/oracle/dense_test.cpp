// Matrix products with epilogues, elementwise operations, rotary embedding: correct kernels pass, broken ones do not.
#include <cmath>
#include <functional>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation.h"

namespace kverify::testing {
namespace {

using Contents = std::vector<std::vector<std::uint8_t>>;

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

float activation(const std::string& name, float x) {
  const float root = 0.79788456f;
  if (name == "relu")
    return std::max(x, 0.0f);
  if (name == "leaky-relu")
    return x < 0 ? 0.01f * x : x;
  if (name == "elu")
    return x < 0 ? 0.01f * (std::exp(x) - 1) : x;
  if (name == "gelu")
    return 0.5f * x * (1 + std::erf(x * 0.70710678f));
  if (name == "gelu-tanh")
    return 0.5f * x * (1 + std::tanh(root * (x + 0.044715f * x * x * x)));
  if (name == "silu")
    return x / (1 + std::exp(-x));
  if (name == "sigmoid")
    return 1 / (1 + std::exp(-x));
  if (name == "tanh")
    return 1 - 2 / (std::exp(2 * x) + 1);
  if (name == "softplus")
    return x > 20 ? x : std::log(1 + std::exp(x));
  if (name == "exp")
    return std::exp(x);
  if (name == "square")
    return x * x;
  if (name == "abs")
    return std::fabs(x);
  if (name == "negate")
    return -x;
  return x;
}

enum class Mistake { None, LostK, NoBeta, NoBias, Alpha, NoActivation, Transposed, Zeros, HalfAccumulator };

Contents runMatmul(const Contract& contract, const LaunchPlan& plan, const std::string& function, Mistake mistake) {
  Simulation sim(contract, plan);
  const std::int64_t m = sim.axis("m"), n = sim.axis("n"), k = sim.axis("k");
  const auto a = sim.in("A"), b = sim.in("B"), c = sim.in("C"), bias = sim.in("bias");
  std::vector<float> d;
  for (std::int64_t batch = 0; batch < sim.axis("batch"); ++batch)
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        float sum = 0;
        for (std::int64_t e = 0; e < k - (mistake == Mistake::LostK ? 1 : 0); ++e) {
          const std::int64_t right = mistake == Mistake::Transposed ? j * k + e : e * n + j;
          sum += a[at((batch * m + i) * k + e)] * b[at(batch * k * n + right)];
          if (mistake == Mistake::HalfAccumulator)
            sum = roundTo(Arithmetic::F16, sum);
        }
        float value = (mistake == Mistake::Alpha ? 0.505f : 0.5f) * sum;
        if (mistake != Mistake::NoBeta)
          value += 2 * c[at((batch * m + i) * n + j)];
        if (mistake != Mistake::NoBias)
          value += bias[at(j)];
        if (mistake != Mistake::NoActivation)
          value = activation(function, value);
        d.push_back(mistake == Mistake::Zeros ? 0 : value);
      }
  sim.out("D", d);
  return sim.contents();
}

TEST(Matmul, CorrectPassesAndMistakesAreRefuted) {
  for (const char* function :
       {"none", "relu", "gelu", "gelu-tanh", "silu", "sigmoid", "tanh", "leaky-relu", "elu", "softplus"})
    for (const char* dtype : {"f32", "f16"}) {
      if (dtype == std::string("f16") && function != std::string("none") && function != std::string("gelu"))
        continue;
      // C becomes D in place; B is transposed, and shared by the batch.
      const Contract contract = contractOf(fmt::format(R"json({{ "contract": 1, "spec": "matmul",
        "sizes": {{ "B": {{ "range": [1, 3] }}, "M": {{ "range": [1, 70] }}, "N": {{ "range": [1, 70] }},
                   "K": {{ "range": [1, 300] }} }},
        "tensors": {{
          "A": {{ "dtype": "{0}", "shape": ["B", "M", "K"], "access": "read" }},
          "B_": {{ "dtype": "{0}", "shape": ["N", "K"], "axes": ["n", "k"], "role": "B", "access": "read" }},
          "C": {{ "dtype": "{0}", "shape": ["B", "M", "N"], "role": ["C", "D"], "access": "read_write" }},
          "bias": {{ "dtype": "{0}", "shape": ["N"], "access": "read" }} }},
        "options": {{ "alpha": 0.5, "beta": 2, "activation": "{1}" }},
        "launches": [ {{ "kernel": "k", "args": ["A", "B_", "C", "bias"], "grid": [1], "block": [1] }} ] }})json",
                                                       dtype, function));
      const bool is_plain = function == std::string("none");
      auto kernel = [&](Mistake mistake) {
        return [&contract, function, mistake](const LaunchPlan& plan) {
          return runMatmul(contract, plan, function, mistake);
        };
      };
      expectCorrect(fmt::format("matmul, {}, {}", function, dtype).c_str(), contract, kernel(Mistake::None));
      for (Mistake mistake :
           {Mistake::LostK, Mistake::NoBeta, Mistake::NoBias, Mistake::Alpha, Mistake::Transposed, Mistake::Zeros})
        expectRefuted(fmt::format("matmul {} {}, mistake {}", function, dtype, static_cast<int>(mistake)).c_str(),
                      contract, kernel(mistake));
      if (!is_plain)
        expectRefuted("matmul, no activation", contract, kernel(Mistake::NoActivation));
      if (is_plain && dtype == std::string("f32"))
        expectRefuted("matmul, f16 accumulator", contract, kernel(Mistake::HalfAccumulator));
    }
}

TEST(Elementwise, CorrectPassesAndMistakesAreRefuted) {
  for (const char* function : {"none", "relu", "gelu", "gelu-tanh", "silu", "sigmoid", "tanh", "leaky-relu", "elu",
                               "softplus", "exp", "square", "abs", "negate"})
    for (const char* combine : {"none", "multiply"}) {
      const bool has_z = combine == std::string("multiply");
      const Contract contract =
          contractOf(fmt::format(R"json({{ "contract": 1, "spec": "elementwise",
        "sizes": {{ "R": {{ "range": [1, 40] }}, "N": {{ "range": [1, 1500], "try": [31, 33] }} }},
        "tensors": {{
          "x": {{ "dtype": "f32", "shape": ["R", "N"], "access": "read" }},{}
          "y": {{ "dtype": "f32", "shape": ["R", "N"], "access": "write" }} }},
        "options": {{ "function": "{}", "combine": "{}" }},
        "launches": [ {{ "kernel": "k", "args": ["x"{}, "y"], "grid": [1], "block": [1] }} ] }})json",
                                 has_z ? R"("z": { "dtype": "f32", "shape": ["R", "N"], "access": "read" },)" : "",
                                 function, combine, has_z ? R"(, "z")" : ""));
      auto kernel = [&](float factor, std::int64_t skipped, bool copy) {
        return [&contract, function, has_z, factor, skipped, copy](const LaunchPlan& plan) {
          Simulation sim(contract, plan);
          const auto x = sim.in("x"), z = sim.in("z");
          std::vector<float> y(x.size(), 0.0f);
          for (std::size_t i = 0; i + at(skipped) < x.size(); ++i)
            y[i] = copy ? x[i] : factor * activation(function, x[i]) * (has_z ? z[i] : 1);
          sim.out("y", y);
          return sim.contents();
        };
      };
      const std::string what = fmt::format("elementwise, {}, {}", function, combine);
      expectCorrect(what.c_str(), contract, kernel(1, 0, false));
      expectRefuted((what + ", 1 %").c_str(), contract, kernel(1.01f, 0, false));
      expectRefuted((what + ", dropped tail").c_str(), contract, kernel(1, 1, false));
      if (function != std::string("none") || has_z)
        expectRefuted((what + ", copy").c_str(), contract, kernel(1, 0, true));
    }
}

TEST(Elementwise, ASecondTensorWithoutAUseIsRefused) {
  const Contract contract = contractOf(R"json({ "contract": 1, "spec": "elementwise", "sizes": {},
    "tensors": { "x": { "dtype": "f32", "shape": [2, 2], "access": "read" }, "z": { "dtype": "f32", "shape": [2, 2], "access": "read" },
                 "y": { "dtype": "f32", "shape": [2, 2], "access": "write" } },
    "launches": [ { "kernel": "k", "args": ["x", "z", "y"], "grid": [1], "block": [1] } ] })json");
  auto plan = generate::buildPlan(contract, signatureOf(contract), {1, "normal", {}, 0});
  ASSERT_TRUE(plan) << plan.error().message;
  auto judgement = judge::judge(contract, *plan, initialContents(*plan));
  ASSERT_FALSE(judgement);
  EXPECT_THAT(judgement.error().message, ::testing::HasSubstr("the option combine is 'none'"));
}

enum class Turn { None, OtherStyle, WrongSign, NoPosition, PositionPlusOne, WholeHead, CopyInput };

Contents runRope(const Contract& contract, const LaunchPlan& plan, bool interleaved, bool has_table, Turn mistake) {
  Simulation sim(contract, plan);
  const std::int64_t n = sim.axis("n"), d = sim.axis("d"), h = sim.axis("h"),
                     rotary = mistake == Turn::WholeHead ? d : d / 2;
  const auto x = sim.in("x"), cosine = sim.in("cos"), sine = sim.in("sin");
  const auto positions = sim.integers("positions");
  std::vector<float> y = x;
  const bool pairs = interleaved != (mistake == Turn::OtherStyle);
  for (std::int64_t row = 0; row < sim.axis("b") * h * n && mistake != Turn::CopyInput; ++row)
    for (std::int64_t pair = 0; pair < rotary / 2; ++pair) {
      std::int64_t position = positions[at(row / n / h * n + row % n)];
      if (mistake == Turn::NoPosition)
        position = row % n;
      if (mistake == Turn::PositionPlusOne)
        position += has_table ? -1 : 1;
      position = std::max<std::int64_t>(position, 0);
      const float angle =
          static_cast<float>(position) * std::pow(10000.0f, -2 * static_cast<float>(pair) / static_cast<float>(rotary));
      const float c = has_table ? cosine[at(position * (d / 4) + pair % (d / 4))] : std::cos(angle);
      const float s = has_table ? sine[at(position * (d / 4) + pair % (d / 4))] : std::sin(angle);
      const std::size_t first = at(row * d + (pairs ? 2 * pair : pair)), second = first + at(pairs ? 1 : rotary / 2);
      const float sign = mistake == Turn::WrongSign ? -1 : 1;
      y[first] = x[first] * c - sign * x[second] * s;
      y[second] = x[second] * c + sign * x[first] * s;
    }
  sim.out("y", y);
  return sim.contents();
}

TEST(Rope, CorrectPassesAndMistakesAreRefuted) {
  for (bool interleaved : {false, true})
    for (bool has_table : {false, true}) {
      const Contract contract =
          contractOf(fmt::format(R"json({{ "contract": 1, "spec": "rope",
        "sizes": {{ "B": {{ "range": [1, 3] }}, "H": {{ "range": [1, 4] }}, "N": {{ "range": [1, 60] }}, "D": {{ "list": [16, 64] }} }},
        "tensors": {{
          "x": {{ "dtype": "f32", "shape": ["B", "N", "H", "D"], "axes": ["b", "n", "h", "d"], "role": ["x", "y"], "access": "read_write" }},
          {}
          "positions": {{ "dtype": "i32", "shape": ["B", "N"], "access": "read", "holds": {{ "range": [0, 127] }} }} }},
        "options": {{ "style": "{}", "rotary": "D/2" }},
        "launches": [ {{ "kernel": "k", "args": ["x", "positions"{}], "grid": [1], "block": [1] }} ] }})json",
                                 has_table ? R"("cos": { "dtype": "f32", "shape": [128, "D/4"], "access": "read" },
                         "sin": { "dtype": "f32", "shape": [128, "D/4"], "access": "read" },)"
                                           : "",
                                 interleaved ? "interleaved" : "half", has_table ? R"(, "cos", "sin")" : ""));
      const std::string what =
          fmt::format("rope, {}, {}", interleaved ? "interleaved" : "half", has_table ? "tables" : "angles");
      auto kernel = [&](Turn mistake) {
        return [&contract, interleaved, has_table, mistake](const LaunchPlan& plan) {
          return runRope(contract, plan, interleaved, has_table, mistake);
        };
      };
      expectCorrect(what.c_str(), contract, kernel(Turn::None));
      for (Turn mistake : {Turn::OtherStyle, Turn::WrongSign, Turn::NoPosition, Turn::PositionPlusOne, Turn::WholeHead,
                           Turn::CopyInput})
        expectRefuted(fmt::format("{}, mistake {}", what, static_cast<int>(mistake)).c_str(), contract,
                      kernel(mistake));
    }
}

} // namespace
} // namespace kverify::testing
