// Keys and values in 8 bits, with scales: a head's, a key's, one for all; and keys and values that are narrowed on the way.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/half.h"
#include "simulation.h"

namespace kverify::testing {
namespace {

using Contents = std::vector<std::vector<std::uint8_t>>;

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

enum class Mistake8 {
  None,
  NoKeyScale,
  NoValueScale,
  KeyScaleTwice,
  ValueScaleTwice,
  ScalesSwapped,
  ScaleOfFirstHead,
  ScaleOfQueryHead,
  ScaleDivides,
  Narrowed,      ///< dequantised to bf16, where f32 is declared
  ReadAsE5m2,    ///< the other 8-bit format
  ValuesUnsigned ///< the sign is lost
};

/// Where a correct kernel may apply the scale, and what it may round dequantised keys and values to.
struct Form {
  bool folds = false; ///< the scales into the score and the output, else into each element
  Arithmetic kv = Arithmetic::F32;
};

/// A paged decoding step, a loop in float.
class Decode {
public:
  Decode(const Contract& contract, const LaunchPlan& plan, Form form, Mistake8 mistake)
      : sim_(contract, plan), form_(form), mistake_(mistake), h_(sim_.axis("h")), hk_(sim_.axis("hk")),
        d_(sim_.axis("d")), page_(sim_.axis("page")), q_(sim_.in("Q")), k_(sim_.in("K_cache")),
        v_(sim_.in("V_cache")), k_scale_(sim_.in("K_scale")), v_scale_(sim_.in("V_scale")) {
    if (mistake == Mistake8::ReadAsE5m2)
      for (float& x : k_)
        x = static_cast<float>(doubleFromE5m2(e4m3FromDouble(static_cast<double>(x))));
    if (mistake == Mistake8::ValuesUnsigned)
      for (float& x : v_)
        x = std::fabs(x);
  }

  Contents run() {
    const auto table = sim_.integers("block_table"), lengths = sim_.integers("seqlens_k");
    std::vector<float> out;
    for (std::int64_t row = 0; row < sim_.axis("b") * h_; ++row) {
      std::vector<std::int64_t> places; // of the keys, in units of a head's row
      for (std::int64_t j = 0; j < lengths[at(row / h_)]; ++j) {
        const std::int64_t where = table[at(row / h_ * sim_.axis("blocks") + j / page_)];
        places.push_back((where * page_ + j % page_) * hk_ + row % h_ / (h_ / hk_));
      }
      addRow(row, places, out);
    }
    sim_.out("O", out);
    return sim_.contents();
  }

private:
  float scaleOf(bool of_keys, std::int64_t place, std::int64_t row) const {
    const bool swapped = mistake_ == Mistake8::ScalesSwapped;
    const std::vector<float>& all = of_keys != swapped ? k_scale_ : v_scale_;
    if (mistake_ == Mistake8::ScaleOfFirstHead)
      place = place / hk_ * hk_;
    if (mistake_ == Mistake8::ScaleOfQueryHead)
      place = place / hk_ * hk_ + row % h_ % hk_;
    const float scale = all[at(place)];
    const bool missing = mistake_ == (of_keys ? Mistake8::NoKeyScale : Mistake8::NoValueScale);
    const bool twice = mistake_ == (of_keys ? Mistake8::KeyScaleTwice : Mistake8::ValueScaleTwice);
    if (mistake_ == Mistake8::ScaleDivides)
      return 1 / scale;
    return missing ? 1 : twice ? scale * scale : scale;
  }

  float element(const std::vector<float>& all, std::int64_t index, float scale) const {
    const Arithmetic type = mistake_ == Mistake8::Narrowed ? Arithmetic::BF16 : form_.kv;
    return form_.folds ? all[at(index)] : roundTo(type, all[at(index)] * scale);
  }

  void addRow(std::int64_t row, const std::vector<std::int64_t>& places, std::vector<float>& out) const {
    std::vector<float> acc(at(d_), 0.0f);
    float m = -std::numeric_limits<float>::infinity(), l = 0;
    for (std::int64_t place : places) {
      const float key_scale = scaleOf(true, place, row), value_scale = scaleOf(false, place, row);
      float s = 0;
      for (std::int64_t c = 0; c < d_; ++c)
        s += q_[at(row * d_ + c)] * element(k_, place * d_ + c, key_scale);
      s *= (form_.folds ? key_scale : 1.0f) / std::sqrt(static_cast<float>(d_));
      const float next = std::max(m, s), factor = std::isinf(m) ? 0.0f : std::exp(m - next), p = std::exp(s - next);
      l = l * factor + p;
      for (std::int64_t c = 0; c < d_; ++c)
        acc[at(c)] = acc[at(c)] * factor +
                     p * element(v_, place * d_ + c, value_scale) * (form_.folds ? value_scale : 1.0f);
      m = next;
    }
    for (float x : acc)
      out.push_back(l > 0 ? x / l : 0);
  }

  Simulation sim_;
  Form form_;
  Mistake8 mistake_;
  std::int64_t h_, hk_, d_, page_;
  std::vector<float> q_, k_, v_, k_scale_, v_scale_;
};

/// `scale`: shape and axes of the scales; `kv`: the declared precision.
Contract pagedContract(const char* scale, const char* kv) {
  return contractOf(fmt::format(R"json({{ "contract": 1, "spec": "attention.paged",
    "sizes": {{ "B": {{ "range": [1, 4] }}, "Hk": {{ "range": [1, 3] }}, "H": {{ "equals": "4*Hk" }},
               "D": {{ "list": [16] }}, "Pages": {{ "range": [1, 40] }}, "Blocks": {{ "range": [1, 9] }},
               "Page": {{ "list": [4] }} }},
    "tensors": {{
      "Q": {{ "dtype": "bf16", "shape": ["B", "H", "D"], "axes": ["b", "h", "d"], "access": "read" }},
      "K_cache": {{ "dtype": "e4m3", "shape": ["Pages", "Page", "Hk", "D"], "access": "read" }},
      "V_cache": {{ "dtype": "e4m3", "shape": ["Pages", "Page", "Hk", "D"], "access": "read" }},
      "K_scale": {{ "dtype": "f32", {0}, "access": "read" }},
      "V_scale": {{ "dtype": "f32", {0}, "access": "read" }},
      "block_table": {{ "dtype": "i32", "shape": ["B", "Blocks"], "access": "read",
                        "holds": {{ "range": [0, "Pages-1"] }} }},
      "seqlens_k": {{ "dtype": "i32", "shape": ["B"], "access": "read", "holds": {{ "range": [0, "Blocks*Page"] }} }},
      "O": {{ "dtype": "f32", "shape": ["B", "H", "D"], "axes": ["b", "h", "dv"], "access": "write" }} }},
    "precision": {{ "kv": "{1}" }},
    "launches": [ {{ "kernel": "k", "grid": [1], "block": [1],
      "args": ["Q", "K_cache", "V_cache", "K_scale", "V_scale", "block_table", "seqlens_k", "O"] }} ] }})json",
                                scale, kv));
}

constexpr const char* kHeads = R"("shape": ["Hk"], "axes": ["hk"])";
constexpr const char* kOne = R"("shape": [1], "axes": ["hk"])";
constexpr const char* kKeys = R"("shape": ["Pages", "Page", "Hk"])";

Kernel kernelOf(const Contract& contract, Form form, Mistake8 mistake = Mistake8::None) {
  return [&contract, form, mistake](const LaunchPlan& plan) { return Decode(contract, plan, form, mistake).run(); };
}

TEST(AttentionFp8, CorrectKernelsStayInside) {
  for (auto [name, scale] : {std::pair("a head", kHeads), std::pair("all", kOne), std::pair("a key", kKeys)}) {
    const Contract contract = pagedContract(scale, "f32");
    for (bool folds : {false, true})
      expectCorrect(fmt::format("attention.paged, e4m3, scales of {}{}", name, folds ? ", folded" : "").c_str(),
                    contract, kernelOf(contract, {folds, Arithmetic::F32}));
  }
  for (auto [name, kv] : {std::pair("f16", Arithmetic::F16), std::pair("bf16", Arithmetic::BF16)}) {
    const Contract contract = pagedContract(kHeads, name);
    expectCorrect(fmt::format("attention.paged, e4m3 dequantised to {}", name).c_str(), contract,
                  kernelOf(contract, {false, kv}));
  }
}

TEST(AttentionFp8, MistakesLeaveTheBound) {
  const Contract contract = pagedContract(kHeads, "f32");
  for (Mistake8 mistake :
       {Mistake8::NoKeyScale, Mistake8::NoValueScale, Mistake8::KeyScaleTwice, Mistake8::ValueScaleTwice,
        Mistake8::ScalesSwapped, Mistake8::ScaleOfFirstHead, Mistake8::ScaleOfQueryHead, Mistake8::ScaleDivides,
        Mistake8::Narrowed, Mistake8::ReadAsE5m2, Mistake8::ValuesUnsigned})
    for (bool folds : {false, true})
      if (!folds || mistake != Mistake8::Narrowed)
        expectRefuted(fmt::format("attention.paged in e4m3, mistake {}", static_cast<int>(mistake)).c_str(), contract,
                      kernelOf(contract, {folds, Arithmetic::F32}, mistake));
  const Contract keys = pagedContract(kKeys, "f32");
  for (Mistake8 mistake : {Mistake8::NoKeyScale, Mistake8::NoValueScale, Mistake8::ScaleOfFirstHead})
    expectRefuted("attention.paged in e4m3, scales of a key", keys, kernelOf(keys, {}, mistake));
}

TEST(AttentionFp8, ADeclaredTypeIsRoomForItsOwnRoundingOnly) {
  const Contract contract = pagedContract(kHeads, "bf16");
  const Form form{false, Arithmetic::BF16};
  for (Mistake8 mistake : {Mistake8::NoKeyScale, Mistake8::ValueScaleTwice, Mistake8::ScalesSwapped})
    expectRefuted("attention.paged, dequantised to bf16", contract, kernelOf(contract, form, mistake));
}

/// Wide rows of f32 that a kernel narrows to bf16 before its tensor cores multiply them.
TEST(AttentionFp8, KeysOfAnyTypeMayBeNarrowed) {
  auto contractFor = [](const char* kv) {
    return contractOf(fmt::format(R"json({{ "contract": 1, "spec": "attention.forward",
      "sizes": {{ "B": {{ "range": [1, 2] }}, "Nk": {{ "range": [1, 90] }}, "D": {{ "list": [16] }} }},
      "tensors": {{
        "Q": {{ "dtype": "f32", "shape": ["B", "D"], "axes": ["b", "d"], "access": "read" }},
        "K": {{ "dtype": "f32", "shape": ["B", "Nk", "D"], "axes": ["b", "nk", "d"], "access": "read" }},
        "V": {{ "dtype": "f32", "shape": ["B", "Nk", "D"], "axes": ["b", "nk", "dv"], "access": "read" }},
        "O": {{ "dtype": "f32", "shape": ["B", "D"], "axes": ["b", "dv"], "access": "write" }} }},
      "precision": {{ "kv": "{}" }},
      "launches": [ {{ "kernel": "k", "grid": [1], "block": [1], "args": ["Q", "K", "V", "O"] }} ] }})json",
                                  kv));
  };
  auto narrowed = [](const Contract& contract) {
    return [&contract](const LaunchPlan& plan) {
      Simulation sim(contract, plan);
      const std::int64_t nk = sim.axis("nk"), d = sim.axis("d");
      const auto q = sim.in("Q"), k = sim.in("K"), v = sim.in("V");
      std::vector<float> out;
      for (std::int64_t row = 0; row < sim.axis("b"); ++row) {
        std::vector<float> s(at(nk)), acc(at(d), 0.0f);
        for (std::int64_t j = 0; j < nk; ++j)
          for (std::int64_t c = 0; c < d; ++c)
            s[at(j)] += q[at(row * d + c)] * roundTo(Arithmetic::BF16, k[at((row * nk + j) * d + c)]) / 4;
        const float m = *std::max_element(s.begin(), s.end());
        float l = 0;
        for (std::int64_t j = 0; j < nk; ++j) {
          const float p = std::exp(s[at(j)] - m);
          l += p;
          for (std::int64_t c = 0; c < d; ++c)
            acc[at(c)] += p * roundTo(Arithmetic::BF16, v[at((row * nk + j) * d + c)]);
        }
        for (float x : acc)
          out.push_back(x / l);
      }
      sim.out("O", out);
      return sim.contents();
    };
  };
  const Contract declared = contractFor("bf16"), silent = contractFor("f32");
  expectCorrect("attention.forward, f32 narrowed to bf16", declared, narrowed(declared));
  expectRefuted("attention.forward, narrowed but not declared", silent, narrowed(silent));
}

} // namespace
} // namespace kverify::testing
