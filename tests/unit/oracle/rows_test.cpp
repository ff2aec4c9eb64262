// Log-softmax, cross-entropy, the norms and their gradients, reductions: correct kernels pass, broken ones do not.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation.h"

namespace kverify::testing {
namespace {

using Contents = std::vector<std::vector<std::uint8_t>>;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A kernel that computes one row: (row, its place in [rows, n]).
std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

std::string rowContract(const std::string& spec, const std::string& tensors, const std::string& args,
                        const std::string& options, const std::string& more = "") {
  return fmt::format(R"json({{ "contract": 1, "spec": "{}",
    "sizes": {{ "R": {{ "range": [1, 40] }}, "N": {{ "range": [1, 1500], "try": [31, 33, 1024] }} }},
    "tensors": {{ {} }}, "options": {{ {} }},
    "launches": [ {{ "kernel": "k", "args": [{}], "grid": ["R"], "block": [32] }} ]{} }})json",
                     spec, tensors, options, args, more);
}

std::string tensor(const char* name, const char* shape, const char* access, const char* dtype = "f32",
                   const char* more = "") {
  return fmt::format(R"("{}": {{ "dtype": "{}", "shape": [{}], "access": "{}"{} }})", name, dtype, shape, access, more);
}

struct RowSoftmax {
  float m = -kInfinity, l = 0;
  RowSoftmax(const float* x, std::int64_t n, bool shift = true) {
    for (std::int64_t j = 0; j < n; ++j)
      m = std::max(m, x[j]);
    if (!shift)
      m = 0;
    for (std::int64_t j = 0; j < n; ++j)
      l += std::exp(x[j] - m);
  }
};

enum class LogMistake { None, NoShift, LostLast, Softmax, Zeros, Log2 };

TEST(LogSoftmax, CorrectPassesAndMistakesAreRefuted) {
  const Contract contract = contractOf(
      rowContract("log_softmax", tensor("x", R"("R", "N")", "read") + ", " + tensor("y", R"("R", "N")", "write"),
                  R"("x", "y")", ""));
  auto kernel = [&](LogMistake mistake) {
    return [&contract, mistake](const LaunchPlan& plan) {
      Simulation sim(contract, plan);
      const std::int64_t n = sim.axis("n");
      std::vector<float> y = sim.in("x");
      for (std::int64_t row = 0; row < sim.axis("rows"); ++row) {
        float* x = y.data() + row * n;
        const RowSoftmax s(x, n - (mistake == LogMistake::LostLast ? 1 : 0), mistake != LogMistake::NoShift);
        for (std::int64_t j = 0; j < n; ++j) {
          const float log_l = mistake == LogMistake::Log2 ? std::log2(s.l) : std::log(s.l);
          const float result = x[j] - s.m - log_l;
          x[j] = mistake == LogMistake::Zeros ? 0 : mistake == LogMistake::Softmax ? std::exp(result) : result;
        }
      }
      sim.out("y", y);
      return sim.contents();
    };
  };
  expectCorrect("log_softmax", contract, kernel(LogMistake::None));
  for (LogMistake mistake :
       {LogMistake::NoShift, LogMistake::LostLast, LogMistake::Softmax, LogMistake::Zeros, LogMistake::Log2})
    expectRefuted("log_softmax", contract, kernel(mistake));
}

enum class LossMistake {
  None,
  NextLabel,
  NoShift,
  GradientWithoutOneHot,
  MeanOverAll,
  IgnoredCounts,
  NoSmoothing,
  LostClass
};

Contents runCrossEntropy(const Contract& contract, const LaunchPlan& plan, float smoothing, LossMistake mistake) {
  Simulation sim(contract, plan);
  const std::int64_t n = sim.axis("classes"), rows = sim.axis("rows");
  const auto x = sim.in("logits");
  const auto labels = sim.integers("labels");
  std::vector<float> loss(at(rows), 0.0f), gradient(x.size(), 0.0f);
  float total = 0, counted = 0;
  for (std::int64_t label : labels)
    counted += label != 0 || mistake == LossMistake::MeanOverAll ? 1.0f : 0.0f; // 0 is ignored
  for (std::int64_t row = 0; row < rows; ++row) {
    std::int64_t label = labels[at(row)];
    if (label == 0 && mistake != LossMistake::IgnoredCounts)
      continue;
    if (mistake == LossMistake::NextLabel)
      label = (label + 1) % n;
    const float* row_x = x.data() + row * n;
    const RowSoftmax s(row_x, n - (mistake == LossMistake::LostClass ? 1 : 0), mistake != LossMistake::NoShift);
    const float lse = s.m + std::log(s.l), e = mistake == LossMistake::NoSmoothing ? 0 : smoothing;
    float average = 0;
    for (std::int64_t j = 0; j < n; ++j)
      average += row_x[j] / static_cast<float>(n);
    loss[at(row)] = (1 - e) * (lse - row_x[label]) + e * (lse - average);
    total += loss[at(row)];
    for (std::int64_t j = 0; j < n; ++j) {
      const float hot = j == label && mistake != LossMistake::GradientWithoutOneHot ? 1 - e : 0.0f;
      gradient[at(row * n + j)] = (std::exp(row_x[j] - s.m) / s.l - hot - e / static_cast<float>(n)) / counted;
    }
  }
  sim.out("loss", loss);
  const std::vector<float> totals = {total / counted};
  sim.out("total", totals);
  sim.out("dlogits", gradient);
  return sim.contents();
}

TEST(CrossEntropy, CorrectPassesAndMistakesAreRefuted) {
  for (float smoothing : {0.0f, 0.125f}) {
    const Contract contract = contractOf(
        rowContract("cross_entropy",
                    tensor("logits", R"("R", "N+1")", "read") + ", " +
                        tensor("labels", R"("R")", "read", "i64", R"(, "holds": { "range": [0, "N"] })") + ", " +
                        tensor("loss", R"("R")", "write") + ", " + tensor("total", "1", "write") + ", " +
                        tensor("dlogits", R"("R", "N+1")", "write"),
                    R"("logits", "labels", "loss", "total", "dlogits")",
                    fmt::format(R"("reduction": "mean", "ignore_index": 0, "label_smoothing": {})", smoothing)));
    auto kernel = [&](LossMistake mistake) {
      return [&contract, smoothing, mistake](const LaunchPlan& plan) {
        return runCrossEntropy(contract, plan, smoothing, mistake);
      };
    };
    // Where every label is the ignored one, the mean of no losses is 0/0 on both sides.
    expectCorrect(fmt::format("cross_entropy, smoothing {}", smoothing).c_str(), contract, kernel(LossMistake::None));
    for (LossMistake mistake : {LossMistake::NextLabel, LossMistake::NoShift, LossMistake::GradientWithoutOneHot,
                                LossMistake::MeanOverAll, LossMistake::IgnoredCounts, LossMistake::LostClass})
      expectRefuted(fmt::format("cross_entropy, mistake {}", static_cast<int>(mistake)).c_str(), contract,
                    kernel(mistake));
    if (smoothing > 0)
      expectRefuted("cross_entropy, smoothing", contract, kernel(LossMistake::NoSmoothing));
  }
}

enum class RmsMistake { None, MeanSubtracted, NoEps, NoMean, LostLast, NoOffset, Zeros, CopyInput };

TEST(RmsNorm, CorrectPassesAndMistakesAreRefuted) {
  for (const char* dtype : {"f32", "bf16"}) {
    const Contract contract = contractOf(rowContract("rms_norm",
                                                     tensor("x", R"("R", "N")", "read", dtype) + ", " +
                                                         tensor("gamma", R"("N")", "read", dtype) + ", " +
                                                         tensor("y", R"("R", "N")", "write", dtype),
                                                     R"("x", "gamma", "y")", R"("eps": 1e-6, "weight_offset": 1)"));
    auto kernel = [&](RmsMistake mistake) {
      return [&contract, mistake](const LaunchPlan& plan) {
        Simulation sim(contract, plan);
        const std::int64_t n = sim.axis("n");
        const auto x = sim.in("x"), gamma = sim.in("gamma");
        std::vector<float> y(x.size());
        for (std::int64_t row = 0; row < sim.axis("rows"); ++row) {
          float sum = 0, squares = 0;
          for (std::int64_t j = 0; j < n - (mistake == RmsMistake::LostLast ? 1 : 0); ++j) {
            sum += x[at(row * n + j)];
            squares += x[at(row * n + j)] * x[at(row * n + j)];
          }
          const float mean = mistake == RmsMistake::MeanSubtracted ? sum / static_cast<float>(n) : 0;
          const float square = mistake == RmsMistake::NoMean ? squares : squares / static_cast<float>(n);
          const float r = 1 / std::sqrt(square - mean * mean + (mistake == RmsMistake::NoEps ? 0.0f : 1e-6f));
          for (std::int64_t j = 0; j < n; ++j) {
            const float weight = gamma[at(j)] + (mistake == RmsMistake::NoOffset ? 0 : 1);
            float& to = y[at(row * n + j)];
            to = (x[at(row * n + j)] - mean) * r * weight;
            if (mistake == RmsMistake::Zeros)
              to = 0;
            if (mistake == RmsMistake::CopyInput)
              to = x[at(row * n + j)];
          }
        }
        sim.out("y", y);
        return sim.contents();
      };
    };
    expectCorrect(fmt::format("rms_norm, {}", dtype).c_str(), contract, kernel(RmsMistake::None));
    for (RmsMistake mistake : {RmsMistake::MeanSubtracted, RmsMistake::NoMean, RmsMistake::LostLast,
                               RmsMistake::NoOffset, RmsMistake::Zeros, RmsMistake::CopyInput})
      expectRefuted(fmt::format("rms_norm, mistake {}", static_cast<int>(mistake)).c_str(), contract, kernel(mistake));
    // eps is a part in a million of an ordinary row: only f32 shows it, in rows of tiny values.
    if (dtype == std::string("f32"))
      expectRefuted("rms_norm, no eps", contract, kernel(RmsMistake::NoEps));
  }
}

enum class GradMistake { None, NoMeanTerm, NoProjection, NoGamma, LostRow, LostLast, Zeros, CopyDy, NoRstd };

/// Layer norm's and RMS norm's gradients in float; the latter has no mean.
Contents runNormBackward(const Contract& contract, const LaunchPlan& plan, bool is_rms, GradMistake mistake) {
  Simulation sim(contract, plan);
  const std::int64_t n = sim.axis("n"), rows = sim.axis("rows");
  const auto x = sim.in("x"), dy = sim.in("dy"), gamma = sim.in("gamma"), mean = sim.in("mean"), rstd = sim.in("rstd");
  std::vector<float> dx(x.size()), dgamma(at(n), 0.0f), dbeta(at(n), 0.0f);
  for (std::int64_t row = 0; row < rows; ++row) {
    const float centre = is_rms ? 0 : mean[at(row)], r = rstd[at(row)];
    auto normal = [&](std::int64_t j) { return (x[at(row * n + j)] - centre) * r; };
    auto g = [&](std::int64_t j) { return dy[at(row * n + j)] * (mistake == GradMistake::NoGamma ? 1 : gamma[at(j)]); };
    float c1 = 0, c2 = 0;
    for (std::int64_t j = 0; j < n - (mistake == GradMistake::LostLast ? 1 : 0); ++j) {
      c1 += g(j);
      c2 += g(j) * normal(j);
    }
    c1 = is_rms || mistake == GradMistake::NoMeanTerm ? 0 : c1 / static_cast<float>(n);
    c2 = mistake == GradMistake::NoProjection ? 0 : c2 / static_cast<float>(n);
    for (std::int64_t j = 0; j < n; ++j) {
      float& to = dx[at(row * n + j)];
      to = (mistake == GradMistake::NoRstd ? 1 : r) * (g(j) - c1 - normal(j) * c2);
      if (mistake == GradMistake::Zeros)
        to = 0;
      if (mistake == GradMistake::CopyDy)
        to = dy[at(row * n + j)];
      if (mistake == GradMistake::LostRow && row == rows - 1)
        continue;
      dgamma[at(j)] += dy[at(row * n + j)] * normal(j);
      dbeta[at(j)] += dy[at(row * n + j)];
    }
  }
  sim.out("dx", dx);
  sim.out("dgamma", dgamma);
  sim.out("dbeta", dbeta);
  return sim.contents();
}

TEST(NormBackward, CorrectPassesAndMistakesAreRefuted) {
  for (bool is_rms : {false, true}) {
    std::string tensors = tensor("x", R"("R", "N")", "read") + ", " + tensor("dy", R"("R", "N")", "read") + ", " +
                          tensor("gamma", R"("N")", "read") + ", " + tensor("rstd", R"("R")", "read") + ", " +
                          tensor("dx", R"("R", "N")", "write") + ", " + tensor("dgamma", R"("N")", "write");
    std::string args = R"("x", "dy", "gamma", "rstd", "dx", "dgamma")";
    if (!is_rms) {
      tensors += ", " + tensor("mean", R"("R")", "read") + ", " + tensor("dbeta", R"("N")", "write");
      args += R"(, "mean", "dbeta")";
    }
    const char* spec = is_rms ? "rms_norm.backward" : "layer_norm.backward";
    const Contract contract = contractOf(rowContract(spec, tensors, args, ""));
    auto kernel = [&](GradMistake mistake) {
      return [&contract, is_rms, mistake](const LaunchPlan& plan) {
        return runNormBackward(contract, plan, is_rms, mistake);
      };
    };
    expectCorrect(spec, contract, kernel(GradMistake::None));
    for (GradMistake mistake : {GradMistake::NoProjection, GradMistake::NoGamma, GradMistake::LostRow,
                                GradMistake::LostLast, GradMistake::Zeros, GradMistake::CopyDy, GradMistake::NoRstd})
      expectRefuted(fmt::format("{}, mistake {}", spec, static_cast<int>(mistake)).c_str(), contract, kernel(mistake));
    if (!is_rms)
      expectRefuted("layer_norm.backward, no mean term", contract, kernel(GradMistake::NoMeanTerm));
  }
}

float reduceRow(const std::string& operation, const float* x, std::int64_t n) {
  float sum = 0, best = operation == "min" ? kInfinity : -kInfinity;
  for (std::int64_t j = 0; j < n; ++j) {
    sum += operation == "norm" || operation == "sum-of-squares" ? x[j] * x[j] : x[j];
    best = operation == "min" ? std::min(best, x[j]) : std::max(best, x[j]);
  }
  if (operation == "max" || operation == "min")
    return best;
  if (operation == "logsumexp") {
    const RowSoftmax s(x, n);
    return s.m + std::log(s.l);
  }
  if (operation == "norm")
    return std::sqrt(sum);
  return operation == "mean" ? sum / static_cast<float>(n) : sum;
}

TEST(Reduce, CorrectPassesAndMistakesAreRefuted) {
  for (const char* operation : {"sum", "mean", "max", "min", "sum-of-squares", "norm", "logsumexp"}) {
    const Contract contract =
        contractOf(rowContract("reduce", tensor("x", R"("R", "N")", "read") + ", " + tensor("y", R"("R")", "write"),
                               R"("x", "y")", fmt::format(R"("operation": "{}")", operation)));
    auto kernel = [&](std::int64_t skipped, float factor) {
      return [&contract, operation, skipped, factor](const LaunchPlan& plan) {
        Simulation sim(contract, plan);
        const std::int64_t n = sim.axis("n");
        const auto x = sim.in("x");
        std::vector<float> y;
        for (std::int64_t row = 0; row < sim.axis("rows"); ++row)
          y.push_back(factor * reduceRow(operation, x.data() + row * n, n - skipped));
        sim.out("y", y);
        return sim.contents();
      };
    };
    expectCorrect(fmt::format("reduce, {}", operation).c_str(), contract, kernel(0, 1));
    expectRefuted(fmt::format("reduce, {}, dropped tail", operation).c_str(), contract, kernel(1, 1));
    expectRefuted(fmt::format("reduce, {}, 1 %", operation).c_str(), contract, kernel(0, 1.01f));
    expectRefuted(fmt::format("reduce, {}, zeros", operation).c_str(), contract, kernel(0, 0));
  }
}

TEST(Reduce, ArgmaxTakesTheFirstOfEqualMaximaUnlessAnyWillDo) {
  for (const char* ties : {"first", "any"}) {
    const Contract contract = contractOf(rowContract(
        "reduce", tensor("x", R"("R", "N")", "read", "f16") + ", " + tensor("index", R"("R")", "write", "i32"),
        R"("x", "index")", fmt::format(R"("operation": "argmax", "ties": "{}")", ties)));
    auto kernel = [&](bool last, std::int64_t skipped) {
      return [&contract, last, skipped](const LaunchPlan& plan) {
        Simulation sim(contract, plan);
        const std::int64_t n = sim.axis("n");
        const auto x = sim.in("x");
        std::vector<float> index;
        for (std::int64_t row = 0; row < sim.axis("rows"); ++row) {
          std::int64_t best = 0;
          for (std::int64_t j = 0; j < n - skipped; ++j)
            if (last ? x[at(row * n + j)] >= x[at(row * n + best)] : x[at(row * n + j)] > x[at(row * n + best)])
              best = j;
          index.push_back(static_cast<float>(best));
        }
        sim.out("index", index);
        return sim.contents();
      };
    };
    expectCorrect(fmt::format("reduce, argmax, ties {}", ties).c_str(), contract, kernel(false, 0));
    expectRefuted("reduce, argmax, dropped tail", contract, kernel(false, 1));
    if (ties == std::string("any"))
      expectCorrect("reduce, argmax, the last of ties", contract, kernel(true, 0));
    else
      expectRefuted("reduce, argmax, the last of ties", contract, kernel(true, 0));
  }
}

} // namespace
} // namespace kverify::testing
