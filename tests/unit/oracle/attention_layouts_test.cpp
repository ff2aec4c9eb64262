// Packed sequences, pages, split states, their merge, and the backward pass.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation.h"

namespace kverify::testing {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
using Contents = std::vector<std::vector<std::uint8_t>>;

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

/// Online softmax in float over keys that are given one by one.
struct State {
  std::vector<float> acc;
  float m = -kInfinity, l = 0;
  bool no_rescale = false;

  void add(float s, const float* value) {
    const float next = std::max(m, s), factor = std::isinf(m) ? 0.0f : std::exp(m - next), p = std::exp(s - next);
    l = l * factor + p;
    for (std::size_t c = 0; c < acc.size(); ++c)
      acc[c] = acc[c] * (no_rescale ? 1.0f : factor) + p * value[c];
    m = next;
  }
  float out(std::size_t c) const { return l > 0 ? acc[c] / l : 0; }
  float lse() const { return l > 0 ? m + std::log(l) : -kInfinity; }
};

float dot(const float* a, const float* b, std::int64_t n) {
  float sum = 0;
  for (std::int64_t i = 0; i < n; ++i)
    sum += a[i] * b[i];
  return sum;
}

enum class Packed { Correct, NextSequence, CausalOverAll, LostLast, Scale };

Contents runVarlen(const Contract& contract, const LaunchPlan& plan, Packed mistake) {
  Simulation sim(contract, plan);
  const std::int64_t h = sim.axis("h"), hk = sim.axis("hk"), d = sim.axis("d"), tq = sim.axis("tq");
  const auto q = sim.in("Q"), k = sim.in("K"), v = sim.in("V");
  const auto cu_q = sim.integers("cu_seqlens_q"), cu_k = sim.integers("cu_seqlens_k");
  std::vector<float> out(q.size(), 0.0f), lse(at(h * tq), -kInfinity);
  const float scale = (mistake == Packed::Scale ? 1.01f : 1.0f) / std::sqrt(static_cast<float>(d));
  for (std::size_t s = 0; s + 1 < cu_q.size(); ++s)
    for (std::int64_t i = cu_q[s]; i < cu_q[s + 1]; ++i)
      for (std::int64_t head = 0; head < h; ++head) {
        const std::int64_t nq = cu_q[s + 1] - cu_q[s];
        std::int64_t last = cu_k[s + 1] - nq + (i - cu_q[s]) + 1, end = cu_k[s + 1];
        if (mistake == Packed::CausalOverAll)
          last = i + 1;
        if (mistake == Packed::NextSequence)
          end = last = std::min<std::int64_t>(sim.axis("tk"), end + 1);
        if (mistake == Packed::LostLast)
          last -= 1;
        State state{std::vector<float>(at(d), 0.0f)};
        for (std::int64_t j = cu_k[s]; j < std::min(last, end); ++j)
          state.add(scale * dot(&q[at((i * h + head) * d)], &k[at((j * hk + head / (h / hk)) * d)], d),
                    &v[at((j * hk + head / (h / hk)) * d)]);
        for (std::int64_t c = 0; c < d; ++c)
          out[at((i * h + head) * d + c)] = state.out(at(c));
        lse[at(head * tq + i)] = state.lse();
      }
  sim.out("O", out);
  sim.out("LSE", lse);
  return sim.contents();
}

TEST(AttentionLayouts, Varlen) {
  const Contract contract = contractOf(R"json({ "contract": 1, "spec": "attention.varlen",
    "sizes": { "T": { "range": [1, 150] }, "S": { "range": [1, 5] }, "Hk": { "range": [1, 2] },
               "H": { "equals": "2*Hk" }, "D": { "list": [16] } },
    "tensors": {
      "Q": { "dtype": "f32", "shape": ["T", "H", "D"], "access": "read" },
      "K": { "dtype": "f32", "shape": ["T+3", "Hk", "D"], "access": "read" },
      "V": { "dtype": "f32", "shape": ["T+3", "Hk", "D"], "access": "read" },
      "cu_seqlens_q": { "dtype": "i32", "shape": ["S+1"], "access": "read",
                        "holds": { "range": [0, "T"], "order": "nondecreasing", "first": 0, "last": "T" } },
      "cu_seqlens_k": { "dtype": "i32", "shape": ["S+1"], "access": "read",
                        "holds": { "range": [0, "T+3"], "order": "nondecreasing", "first": 0, "last": "T+3" } },
      "O": { "dtype": "f32", "shape": ["T", "H", "D"], "access": "write" },
      "LSE": { "dtype": "f32", "shape": ["H", "T"], "access": "write" } },
    "options": { "causal": true },
    "launches": [ { "kernel": "k", "args": ["Q", "K", "V", "cu_seqlens_q", "cu_seqlens_k", "O", "LSE"],
                    "grid": [1], "block": [1] } ] })json");
  expectCorrect("attention.varlen, causal", contract,
                [&](const LaunchPlan& plan) { return runVarlen(contract, plan, Packed::Correct); });
  for (Packed mistake : {Packed::NextSequence, Packed::CausalOverAll, Packed::LostLast, Packed::Scale})
    expectRefuted("attention.varlen", contract,
                  [&](const LaunchPlan& plan) { return runVarlen(contract, plan, mistake); });
}

enum class Paged { Correct, NoTable, WholePage, LostPage, OtherBatch };

Contents runPaged(const Contract& contract, const LaunchPlan& plan, Paged mistake) {
  Simulation sim(contract, plan);
  const std::int64_t h = sim.axis("h"), hk = sim.axis("hk"), d = sim.axis("d"), page = sim.axis("page"),
                     blocks = sim.axis("blocks");
  const auto q = sim.in("Q"), k = sim.in("K_cache"), v = sim.in("V_cache");
  const auto table = sim.integers("block_table"), lengths = sim.integers("seqlens_k");
  std::vector<float> out;
  for (std::int64_t row = 0; row < sim.axis("b") * h; ++row) {
    const std::int64_t batch = row / h, head = row % h / (h / hk);
    std::int64_t length = lengths[at(batch)];
    if (mistake == Paged::WholePage)
      length = std::min((length + page - 1) / page, blocks) * page;
    if (mistake == Paged::LostPage)
      length = length / page * page;
    State state{std::vector<float>(at(d), 0.0f)};
    for (std::int64_t j = 0; j < length; ++j) {
      std::int64_t where = table[at((mistake == Paged::OtherBatch ? 0 : batch) * blocks + j / page)];
      if (mistake == Paged::NoTable)
        where = j / page;
      const std::int64_t key = ((where * page + j % page) * hk + head) * d;
      state.add(dot(&q[at(row * d)], &k[at(key)], d) / std::sqrt(static_cast<float>(d)), &v[at(key)]);
    }
    for (std::int64_t c = 0; c < d; ++c)
      out.push_back(state.out(at(c)));
  }
  sim.out("O", out);
  return sim.contents();
}

const char* kPaged = R"json({ "contract": 1, "spec": "attention.paged",
    "sizes": { "B": { "range": [1, 4] }, "Hk": { "range": [1, 2] }, "H": { "equals": "4*Hk" }, "D": { "list": [16] },
               "Pages": { "range": [8, 24] }, "Page": { "list": [8, 16] }, "Blocks": { "range": [1, 8] } },
    "tensors": {
      "Q": { "dtype": "f32", "shape": ["B", "H", "D"], "axes": ["b", "h", "d"], "access": "read" },
      "K_cache": { "dtype": "f32", "shape": ["Pages", "Page", "Hk", "D"], "access": "read" },
      "V_cache": { "dtype": "f32", "shape": ["Pages", "Page", "Hk", "D"], "access": "read" },
      "block_table": { "dtype": "i32", "shape": ["B", "Blocks"], "access": "read", "holds": { "range": [0, "Pages-1"] } },
      "seqlens_k": { "dtype": "i32", "shape": ["B"], "access": "read", "holds": { "range": [0, "Blocks*Page"] } },
      "O": { "dtype": "f32", "shape": ["B", "H", "D"], "axes": ["b", "h", "dv"], "access": "write" } },
    "launches": [ { "kernel": "k", "args": ["Q", "K_cache", "V_cache", "block_table", "seqlens_k", "O"],
                    "grid": [1], "block": [1] } ] })json";

TEST(AttentionLayouts, PagedDecode) {
  const Contract contract = contractOf(kPaged);
  expectCorrect("attention.paged, decode", contract,
                [&](const LaunchPlan& plan) { return runPaged(contract, plan, Paged::Correct); });
  for (Paged mistake : {Paged::NoTable, Paged::WholePage, Paged::LostPage, Paged::OtherBatch})
    expectRefuted("attention.paged", contract,
                  [&](const LaunchPlan& plan) { return runPaged(contract, plan, mistake); });
}

TEST(AttentionLayouts, ATableThatLeavesTheCacheIsRefusedByName) {
  std::string text = kPaged;
  text.replace(text.find("\"Pages-1\""), 9, "\"Pages+9\"");
  const Contract contract = contractOf(text);
  auto plan = generate::buildPlan(
      contract, signatureOf(contract),
      {1, "normal", {{"B", 4}, {"Hk", 1}, {"H", 4}, {"D", 16}, {"Pages", 8}, {"Page", 8}, {"Blocks", 8}}, 0});
  ASSERT_TRUE(plan) << plan.error().message;
  auto judgement = judge::judge(contract, *plan, initialContents(*plan));
  ASSERT_FALSE(judgement);
  EXPECT_THAT(judgement.error().message, ::testing::HasSubstr("takes values in [0, 7]: give the tensor a \"holds\""));
  EXPECT_THAT(judgement.error().message, ::testing::HasSubstr("block_table[b="));
}

enum class Split { Correct, FirstTwice, Unnormalised, LostKey, CausalOfTheSplit };

Contents runSplit(const Contract& contract, const LaunchPlan& plan, Split mistake) {
  Simulation sim(contract, plan);
  const std::int64_t h = sim.axis("h"), nq = sim.axis("nq"), nk = sim.axis("nk"), d = sim.axis("d"),
                     splits = sim.axis("splits"), size = (nk + splits - 1) / splits;
  const auto q = sim.in("Q"), k = sim.in("K"), v = sim.in("V");
  std::vector<float> out, lse;
  for (std::int64_t split = 0; split < splits; ++split)
    for (std::int64_t row = 0; row < sim.axis("b") * h * nq; ++row) {
      State state{std::vector<float>(at(d), 0.0f)};
      const std::int64_t from = mistake == Split::FirstTwice ? 0 : split;
      std::int64_t end = std::min((from + 1) * size, row % nq + nk - nq + 1);
      if (mistake == Split::CausalOfTheSplit)
        end = std::min((from + 1) * size, from * size + row % nq + 1);
      end = std::min(end, nk) - (mistake == Split::LostKey ? 1 : 0);
      for (std::int64_t j = from * size; j < end; ++j)
        state.add(dot(&q[at(row * d)], &k[at((row / nq * nk + j) * d)], d) / std::sqrt(static_cast<float>(d)),
                  &v[at((row / nq * nk + j) * d)]);
      for (std::int64_t c = 0; c < d; ++c)
        out.push_back(mistake == Split::Unnormalised ? state.acc[at(c)] : state.out(at(c)));
      lse.push_back(state.lse());
    }
  sim.out("O_partial", out);
  sim.out("LSE_partial", lse);
  return sim.contents();
}

TEST(AttentionLayouts, SplitStates) {
  const Contract contract = contractOf(R"json({ "contract": 1, "spec": "attention.split",
    "sizes": { "B": { "range": [1, 2] }, "H": { "range": [1, 2] }, "Nq": { "range": [1, 9] },
               "Nk": { "range": [1, 150] }, "D": { "list": [16] }, "S": { "range": [1, 5] } },
    "tensors": {
      "Q": { "dtype": "f32", "shape": ["B", "H", "Nq", "D"], "access": "read" },
      "K": { "dtype": "f32", "shape": ["B", "H", "Nk", "D"], "access": "read" },
      "V": { "dtype": "f32", "shape": ["B", "H", "Nk", "D"], "access": "read" },
      "O_partial": { "dtype": "f32", "shape": ["S", "B", "H", "Nq", "D"], "access": "write" },
      "LSE_partial": { "dtype": "f32", "shape": ["S", "B", "H", "Nq"], "access": "write" } },
    "options": { "causal": true },
    "launches": [ { "kernel": "k", "args": ["Q", "K", "V", "O_partial", "LSE_partial"], "grid": [1], "block": [1] } ] })json");
  expectCorrect("attention.split, causal", contract,
                [&](const LaunchPlan& plan) { return runSplit(contract, plan, Split::Correct); });
  for (Split mistake : {Split::FirstTwice, Split::Unnormalised, Split::LostKey, Split::CausalOfTheSplit})
    expectRefuted("attention.split", contract,
                  [&](const LaunchPlan& plan) { return runSplit(contract, plan, mistake); });
}

enum class Merge { Correct, Mean, NoRescale, LostSplit, FirstOnly };

Contents runMerge(const Contract& contract, const LaunchPlan& plan, Merge mistake) {
  Simulation sim(contract, plan);
  const std::int64_t rows = sim.axis("b") * sim.axis("h") * sim.axis("nq"), dv = sim.axis("dv"),
                     splits = sim.axis("splits") - (mistake == Merge::LostSplit ? 1 : 0);
  const auto states = sim.in("O_partial"), parts = sim.in("LSE_partial");
  std::vector<float> out, lse;
  for (std::int64_t row = 0; row < rows; ++row) {
    State state{std::vector<float>(at(dv), 0.0f), -kInfinity, 0, mistake == Merge::NoRescale};
    for (std::int64_t split = 0; split < (mistake == Merge::FirstOnly ? 1 : splits); ++split)
      state.add(mistake == Merge::Mean ? 0.0f : parts[at(split * rows + row)], &states[at((split * rows + row) * dv)]);
    for (std::int64_t c = 0; c < dv; ++c)
      out.push_back(state.out(at(c)));
    lse.push_back(state.lse());
  }
  sim.out("O", out);
  sim.out("LSE", lse);
  return sim.contents();
}

TEST(AttentionLayouts, MergeOfSplits) {
  const Contract contract = contractOf(R"json({ "contract": 1, "spec": "attention.merge",
    "sizes": { "S": { "range": [1, 16] }, "B": { "range": [1, 3] }, "H": { "range": [1, 4] }, "D": { "list": [16, 64] } },
    "tensors": {
      "O_partial": { "dtype": "f32", "shape": ["S", "B", "H", "D"], "axes": ["splits", "b", "h", "dv"], "access": "read" },
      "LSE_partial": { "dtype": "f32", "shape": ["S", "B", "H"], "axes": ["splits", "b", "h"], "access": "read" },
      "O": { "dtype": "f16", "shape": ["B", "H", "D"], "axes": ["b", "h", "dv"], "access": "write" },
      "LSE": { "dtype": "f32", "shape": ["B", "H"], "axes": ["b", "h"], "access": "write" } },
    "launches": [ { "kernel": "k", "args": ["O_partial", "LSE_partial", "O", "LSE"], "grid": [1], "block": [1] } ] })json");
  expectCorrect("attention.merge, f16 output", contract,
                [&](const LaunchPlan& plan) { return runMerge(contract, plan, Merge::Correct); });
  for (Merge mistake : {Merge::Mean, Merge::NoRescale, Merge::LostSplit, Merge::FirstOnly})
    expectRefuted("attention.merge", contract,
                  [&](const LaunchPlan& plan) { return runMerge(contract, plan, mistake); });
}

enum class Back {
  Correct,
  NoDelta,
  NoScale,
  ScaleOnePercent,
  CausalOffByOne,
  LostQuery,
  GroupFirstOnly,
  Zeros,
  CopyDout,
  NoCapSlope
};

struct BackOptions {
  Arithmetic p = Arithmetic::F32; ///< P and dS are rounded to it
  bool causal = false;
  float softcap = 0;
};

Contents runBackward(const Contract& contract, const LaunchPlan& plan, BackOptions options, Back mistake) {
  Simulation sim(contract, plan);
  const std::int64_t h = sim.axis("h"), hk = sim.axis("hk"), nq = sim.axis("nq"), nk = sim.axis("nk"),
                     d = sim.axis("d");
  const auto q = sim.in("Q"), k = sim.in("K"), v = sim.in("V"), o = sim.in("O"), lse = sim.in("LSE"),
             dout = sim.in("dO");
  std::vector<float> dq(q.size(), 0.0f), dk(k.size(), 0.0f), dv(v.size(), 0.0f);
  const float scale = (mistake == Back::ScaleOnePercent ? 1.01f : 1.0f) / std::sqrt(static_cast<float>(d));
  for (std::int64_t row = 0; row < sim.axis("b") * h * nq; ++row) {
    if (std::isinf(lse[at(row)]) || (mistake == Back::LostQuery && row % nq == nq - 1))
      continue;
    const std::int64_t head = row / nq % h, key_head = row / nq / h * hk + head / (h / hk);
    const float delta = mistake == Back::NoDelta ? 0 : dot(&dout[at(row * d)], &o[at(row * d)], d);
    std::int64_t end = options.causal ? std::min(nk, row % nq + nk - nq + 1) : nk;
    end -= mistake == Back::CausalOffByOne;
    for (std::int64_t j = 0; j < end; ++j) {
      const std::int64_t key = (key_head * nk + j) * d;
      float s = scale * dot(&q[at(row * d)], &k[at(key)], d), slope = 1;
      if (options.softcap > 0) {
        const float t = std::tanh(s / options.softcap);
        s = options.softcap * t;
        slope = mistake == Back::NoCapSlope ? 1 : 1 - t * t;
      }
      const float p = std::exp(s - lse[at(row)]);
      float ds = p * (dot(&dout[at(row * d)], &v[at(key)], d) - delta) * slope;
      ds = roundTo(options.p, ds * (mistake == Back::NoScale ? 1.0f : scale));
      const bool counts = mistake != Back::GroupFirstOnly || head % (h / hk) == 0;
      for (std::int64_t c = 0; c < d; ++c) {
        dq[at(row * d + c)] += ds * k[at(key + c)];
        dk[at(key + c)] += counts ? ds * q[at(row * d + c)] : 0;
        dv[at(key + c)] += counts ? roundTo(options.p, p) * dout[at(row * d + c)] : 0;
      }
    }
  }
  if (mistake == Back::Zeros)
    std::fill(dk.begin(), dk.end(), 0.0f);
  sim.out("dQ", mistake == Back::CopyDout ? dout : dq);
  sim.out("dK", dk);
  sim.out("dV", dv);
  return sim.contents();
}

Contract backwardContract(const char* dtype, const char* options) {
  return contractOf(fmt::format(R"json({{ "contract": 1, "spec": "attention.backward",
    "sizes": {{ "B": {{ "range": [1, 2] }}, "Hk": {{ "range": [1, 2] }}, "Nq": {{ "range": [1, 70] }},
                "Nk": {{ "range": [1, 70] }}, "D": {{ "list": [16] }} }},
    "tensors": {{
      "Q": {{ "dtype": "{0}", "shape": ["B", "2*Hk", "Nq", "D"], "access": "read" }},
      "K": {{ "dtype": "{0}", "shape": ["B", "Hk", "Nk", "D"], "access": "read" }},
      "V": {{ "dtype": "{0}", "shape": ["B", "Hk", "Nk", "D"], "access": "read" }},
      "O": {{ "dtype": "{0}", "shape": ["B", "2*Hk", "Nq", "D"], "access": "read" }},
      "LSE": {{ "dtype": "f32", "shape": ["B", "2*Hk", "Nq"], "access": "read" }},
      "dO": {{ "dtype": "{0}", "shape": ["B", "2*Hk", "Nq", "D"], "access": "read" }},
      "dQ": {{ "dtype": "{0}", "shape": ["B", "2*Hk", "Nq", "D"], "access": "write" }},
      "dK": {{ "dtype": "{0}", "shape": ["B", "Hk", "Nk", "D"], "access": "write" }},
      "dV": {{ "dtype": "{0}", "shape": ["B", "Hk", "Nk", "D"], "access": "write" }} }},
    "options": {{ {1} }}, "precision": {{ "p": "{0}" }},
    "launches": [ {{ "kernel": "k", "args": ["Q", "K", "V", "O", "LSE", "dO", "dQ", "dK", "dV"],
                     "grid": [1], "block": [1] }} ] }})json",
                                dtype, options));
}

TEST(AttentionBackward, CorrectKernelsStayInsideAndMistakesDoNot) {
  for (auto [dtype, p] : {std::pair("f32", Arithmetic::F32), std::pair("bf16", Arithmetic::BF16)}) {
    const Contract contract = backwardContract(dtype, R"("causal": true)");
    const BackOptions options{p, true};
    expectCorrect(fmt::format("attention.backward, causal, {}", dtype).c_str(), contract,
                  [&](const LaunchPlan& plan) { return runBackward(contract, plan, options, Back::Correct); });
    for (Back mistake : {Back::NoDelta, Back::NoScale, Back::ScaleOnePercent, Back::CausalOffByOne, Back::LostQuery,
                         Back::GroupFirstOnly, Back::Zeros, Back::CopyDout})
      expectRefuted(fmt::format("attention.backward {}, mistake {}", dtype, static_cast<int>(mistake)).c_str(),
                    contract, [&](const LaunchPlan& plan) { return runBackward(contract, plan, options, mistake); });
  }
}

TEST(AttentionBackward, Softcap) {
  const Contract contract = backwardContract("f32", R"("softcap": 3)");
  const BackOptions options{Arithmetic::F32, false, 3};
  expectCorrect("attention.backward, softcap 3", contract,
                [&](const LaunchPlan& plan) { return runBackward(contract, plan, options, Back::Correct); });
  expectRefuted("attention.backward, softcap", contract,
                [&](const LaunchPlan& plan) { return runBackward(contract, plan, options, Back::NoCapSlope); });
}

} // namespace
} // namespace kverify::testing
