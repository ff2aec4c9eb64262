// Every option of attention.forward: a correct kernel passes, one that gets the option wrong does not.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation.h"

namespace kverify::testing {
namespace {

/// What a simulated kernel does; each test changes one thing.
struct Variant {
  std::int64_t offset_top_left = 0; ///< 1: positions are not aligned to the end
  std::int64_t left = -1, right = -1;
  float softcap = 0, scale = 1;
  int alibi = 0; ///< 0 none, 1 distance, 2 column, 3 distance with the wrong sign
  bool bias = false, lengths = false;
  bool no_rescale = false;
  std::int64_t extra_key = 0; ///< beyond the length
  float masked_out = 0, masked_lse = -std::numeric_limits<float>::infinity();
};

/// Online softmax over one key at a time, in float.
std::vector<std::vector<std::uint8_t>> run(const Contract& contract, const LaunchPlan& plan, const Variant& v) {
  Simulation sim(contract, plan);
  const std::int64_t h = sim.axis("h"), hk = sim.axis("hk"), nq = sim.axis("nq"), nk = sim.axis("nk"),
                     d = sim.axis("d"), dv = sim.axis("dv");
  const auto q = sim.in("Q"), k = sim.in("K"), values = sim.in("V"), bias = sim.in("bias"),
             slopes = sim.in("alibi_slopes");
  const auto lengths = sim.integers("seqlens_k");
  std::vector<float> out, lse;
  for (std::int64_t row = 0; row < sim.axis("b") * h * nq; ++row) {
    const std::int64_t i = row % nq, head = row / nq % h, batch = row / nq / h;
    const std::int64_t length = v.lengths ? lengths[static_cast<std::size_t>(batch)] : nk;
    const std::int64_t position = i + (v.offset_top_left ? 0 : length - nq);
    float m = -std::numeric_limits<float>::infinity(), l = 0;
    std::vector<float> acc(static_cast<std::size_t>(dv), 0.0f);
    for (std::int64_t j = 0; j < std::min(nk, length + v.extra_key); ++j) {
      if ((v.left >= 0 && j < position - v.left) || (v.right >= 0 && j > position + v.right))
        continue;
      const auto key = static_cast<std::size_t>((batch * hk + head / (h / hk)) * nk + j);
      float s = 0;
      for (std::int64_t e = 0; e < d; ++e)
        s += q[static_cast<std::size_t>(row * d + e)] *
             k[key * static_cast<std::size_t>(d) + static_cast<std::size_t>(e)];
      s *= v.scale / std::sqrt(static_cast<float>(d));
      if (v.softcap > 0)
        s = v.softcap * std::tanh(s / v.softcap);
      const float slope = v.alibi ? slopes[static_cast<std::size_t>(batch * h + head)] : 0;
      if (v.alibi == 1 || v.alibi == 3)
        s += (v.alibi == 1 ? -slope : slope) * static_cast<float>(std::abs(position - j));
      if (v.alibi == 2)
        s += slope * static_cast<float>(j);
      if (v.bias)
        s += bias[static_cast<std::size_t>(row * nk + j)];
      const float next = std::max(m, s), factor = std::isinf(m) ? 0.0f : std::exp(m - next), p = std::exp(s - next);
      l = l * factor + p;
      for (std::size_t c = 0; c < acc.size(); ++c)
        acc[c] = acc[c] * (v.no_rescale ? 1.0f : factor) + p * values[key * static_cast<std::size_t>(dv) + c];
      m = next;
    }
    for (float a : acc)
      out.push_back(l > 0 ? a / l : v.masked_out);
    lse.push_back(l > 0 ? m + std::log(l) : v.masked_lse);
  }
  sim.out("O", out);
  sim.out("LSE", lse);
  return sim.contents();
}

std::string contractText(const std::string& options, const std::string& more_tensors = "",
                         const std::string& more_args = "") {
  return fmt::format(R"json({{ "contract": 1, "spec": "attention.forward",
    "sizes": {{ "B": {{ "range": [1, 2] }}, "Hk": {{ "range": [1, 2] }}, "H": {{ "equals": "2*Hk" }},
      "Nq": {{ "range": [1, 60] }}, "Nk": {{ "range": [1, 90], "try": [31, 33] }}, "D": {{ "list": [16] }} }},
    "tensors": {{
      "Q": {{ "dtype": "f32", "shape": ["B", "H", "Nq", "D"], "access": "read" }},
      "K": {{ "dtype": "f32", "shape": ["B", "Hk", "Nk", "D"], "access": "read" }},
      "V": {{ "dtype": "f32", "shape": ["B", "Hk", "Nk", "D"], "access": "read" }}, {}
      "O": {{ "dtype": "f32", "shape": ["B", "H", "Nq", "D"], "access": "write" }},
      "LSE": {{ "dtype": "f32", "shape": ["B", "H", "Nq"], "access": "write" }} }},
    "options": {{ {} }},
    "launches": [ {{ "kernel": "k", "args": ["Q", "K", "V", "O", "LSE"{}], "grid": [1], "block": [32] }} ] }})json",
                     more_tensors, options, more_args);
}

void check(const char* what, const Contract& contract, const Variant& correct, const std::vector<Variant>& wrong) {
  expectCorrect(what, contract, [&](const LaunchPlan& plan) { return run(contract, plan, correct); });
  for (std::size_t i = 0; i < wrong.size(); ++i)
    expectRefuted(fmt::format("{}, mistake {}", what, i).c_str(), contract,
                  [&](const LaunchPlan& plan) { return run(contract, plan, wrong[i]); });
}

TEST(AttentionOptions, SlidingWindow) {
  const Contract both = contractOf(contractText(R"("window_left": 7, "window_right": 3)"));
  check("attention.forward, window 7 and 3", both, {.left = 7, .right = 3},
        {{.left = 6, .right = 3},
         {.left = 8, .right = 3},
         {.left = 7, .right = 2},
         {.left = 7, .right = 4},
         {.offset_top_left = 1, .left = 7, .right = 3},
         {.left = 7},
         {.left = 7, .right = 3, .no_rescale = true},
         {.left = 7, .right = 3, .scale = 1.01f}});
  const Contract causal = contractOf(contractText(R"("causal": true, "window_left": 7)"));
  check("attention.forward, causal window 7", causal, {.left = 7, .right = 0}, {{.left = 7, .right = 1}, {.right = 0}});
  const Contract top = contractOf(contractText(R"("causal": "top-left", "window_left": 7)"));
  check("attention.forward, top-left window 7", top, {.offset_top_left = 1, .left = 7, .right = 0},
        {{.left = 7, .right = 0}});
}

TEST(AttentionOptions, Softcap) {
  const Contract contract = contractOf(contractText(R"("softcap": 2.5)"));
  check("attention.forward, softcap 2.5", contract, {.softcap = 2.5f},
        {{}, {.softcap = 2.6f}, {.softcap = 2.5f, .scale = 1.01f}});
}

TEST(AttentionOptions, Alibi) {
  const std::string slopes = R"("slopes": { "dtype": "f32", "shape": ["H"], "axes": ["h"], "access": "read",
                                            "role": "alibi_slopes" },)";
  const Contract distance = contractOf(contractText(R"("causal": "none")", slopes, R"(, "slopes")"));
  check("attention.forward, ALiBi", distance, {.alibi = 1}, {{}, {.alibi = 2}, {.alibi = 3}});
  const Contract column = contractOf(contractText(R"("alibi": "column", "causal": true)", slopes, R"(, "slopes")"));
  check("attention.forward, ALiBi by column", column, {.right = 0, .alibi = 2}, {{.right = 0, .alibi = 1}});
}

TEST(AttentionOptions, BiasIsBroadcast) {
  const std::string bias = R"("mask": { "dtype": "f32", "shape": ["Nq", "Nk"], "axes": ["nq", "nk"], "access": "read",
                                        "role": "bias" },)";
  const Contract contract = contractOf(contractText("", bias, R"(, "mask")"));
  check("attention.forward, bias", contract, {.bias = true}, {{}, {.scale = 1.01f, .bias = true}});
}

TEST(AttentionOptions, LengthsOfTheCache) {
  const std::string lengths = R"("used": { "dtype": "i32", "shape": ["B"], "access": "read", "role": "seqlens_k",
                                           "holds": { "range": [0, "Nk"] } },)";
  const Contract contract = contractOf(contractText(R"("causal": true)", lengths, R"(, "used")"));
  check("attention.forward, lengths", contract, {.right = 0, .lengths = true},
        {{.right = 0}, {.right = 1, .lengths = true, .extra_key = 1}});
}

TEST(AttentionOptions, MaskedRowsHoldWhatTheContractSays) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity(), kNaN = std::numeric_limits<float>::quiet_NaN();
  const std::string causal = R"("causal": true, )";
  const Contract plus = contractOf(contractText(causal + R"("masked_lse": "+inf")"));
  check("attention.forward, LSE +inf", plus, {.right = 0, .masked_lse = kInfinity}, {{.right = 0}});
  const Contract nan = contractOf(contractText(causal + R"("masked_rows": "nan")"));
  check("attention.forward, NaN rows", nan, {.right = 0, .masked_out = kNaN}, {{.right = 0}});
  const Contract any = contractOf(contractText(causal + R"("masked_rows": "any")"));
  expectCorrect("attention.forward, any", any, [&](const LaunchPlan& plan) {
    return run(any, plan, {.right = 0, .masked_out = 7, .masked_lse = kNaN});
  });
}

TEST(AttentionOptions, WhatCannotBeJudgedIsRefusedInOneSentence) {
  for (auto [options, message] : {std::pair(R"("softcap": -1)", "softcap = -1 is negative"),
                                  std::pair(R"("window_left": -2)", "window_left = -2: a window"),
                                  std::pair(R"("alibi": "column")", "no tensor has the role 'alibi_slopes'")}) {
    const Contract contract = contractOf(contractText(options));
    auto plan = generate::buildPlan(contract, signatureOf(contract),
                                    {1, "normal", {{"B", 1}, {"Hk", 1}, {"Nq", 2}, {"Nk", 2}, {"D", 16}}, 0});
    ASSERT_TRUE(plan) << plan.error().message;
    auto judgement = judge::judge(contract, *plan, run(contract, *plan, {}));
    ASSERT_FALSE(judgement);
    EXPECT_THAT(judgement.error().message, ::testing::HasSubstr(message));
  }
}

} // namespace
} // namespace kverify::testing
