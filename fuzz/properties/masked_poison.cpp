// NaN in the keys and values that a mask or a length hides: no bit of the result changes, where the contract says so. A
// kernel that multiplies a masked value by a weight of 0 is correct without that promise, and breaks it: 0 * NaN.
#include <algorithm>
#include <limits>
#include <vector>

#include "fuzz/judge/operations/attention.h"
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

/// Which keys of each batch entry none of the first queries sees.
struct Hidden {
  std::int64_t queries = 0;            ///< of these, from the first on
  std::vector<std::vector<bool>> keys; ///< [b][nk]
};

class MaskedPoison : public Property {
public:
  std::string_view name() const override { return "masked-poison"; }
  const char* check() const override { return kNonfinite; }
  std::string_view statement() const override { return "what a mask or a length hides may be NaN"; }
  bool appliesTo(const Setting& setting) const override {
    const Contract& contract = setting.contract;
    if (!contract.nonfinite.masked_ignored || setting.oracle() != "attention.forward" || setting.axis("nk") == 0)
      return false;
    const std::string causal = causalOf(setting);
    return causal == "bottom-right" || causal == "top-left" || setting.hasRole("seqlens_k") ||
           contract.options.contains("window_left") || contract.options.contains("window_right");
  }
  bool hasSecondReference() const override { return false; }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    const Hidden hidden = hiddenBy(setting, plan);
    for (const char* role : {"K", "V"})
      transform(setting, plan, role, [&](const Index& index, double x) {
        return hidden.keys[static_cast<std::size_t>(index.at("b"))][static_cast<std::size_t>(index.at("nk"))]
                   ? std::numeric_limits<double>::quiet_NaN()
                   : x;
      });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    const std::int64_t queries = queriesOf(setting);
    for (const auto& [role, values] : changed.values) {
      Relation relation{.role = role, .exact = true, .one_bound = true, .what = "with NaN in the keys and values that it must not see"};
      relation.partner = [=](const Index& index, std::int64_t flat) -> std::optional<std::int64_t> {
        return index.at("nq") < queries ? std::optional(flat) : std::nullopt;
      };
      if (auto broken = firstBroken(setting, base, changed, relation))
        return broken;
    }
    return std::nullopt;
  }

private:
  /// The first half of the queries, so that a causal mask hides some keys from all of them.
  static std::int64_t queriesOf(const Setting& setting) { return (setting.axis("nq") + 1) / 2; }

  static Hidden hiddenBy(const Setting& setting, const LaunchPlan& plan) {
    const std::int64_t nk = setting.axis("nk"), nq = setting.axis("nq");
    Hidden hidden{.queries = queriesOf(setting)};
    auto run = judge::OperationRun::make(setting.contract, plan);
    std::vector<std::int64_t> lengths;
    oracle::Scoring scoring;
    if (run) {
      scoring = judge::scoringOf(*run);
      lengths = run->integers("seqlens_k", 0, nk);
    }
    for (std::int64_t b = 0; b < setting.axis("b"); ++b) {
      std::vector<bool>& keys = hidden.keys.emplace_back(static_cast<std::size_t>(nk), run.has_value());
      const std::int64_t length = lengths.empty() ? nk : lengths[static_cast<std::size_t>(b)];
      for (std::int64_t query = 0; query < hidden.queries; ++query) {
        const oracle::KeyRange seen = oracle::visibleKeys(scoring, nq, length, query);
        std::fill(keys.begin() + seen.first, keys.begin() + seen.end, false);
      }
    }
    return hidden;
  }
};

} // namespace

std::unique_ptr<Property> makeMaskedPoison() {
  return std::make_unique<MaskedPoison>();
}

} // namespace kverify::properties
