// Keys that a query must not see get other, large values: its result stays. Finite ones, because a correct kernel may
// multiply a masked value by a weight of 0.
#include <algorithm>

#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class FutureKeys : public Property {
public:
  std::string_view name() const override { return "future-keys"; }
  const char* check() const override { return kIndependence; }
  std::string_view statement() const override { return "keys beyond the causal edge do not matter"; }
  bool appliesTo(const Setting& setting) const override {
    const std::string causal = causalOf(setting);
    return isPlainAttention(setting) && (causal == "bottom-right" || causal == "top-left") &&
           visibleKeys(setting, lastQuery(setting)) < setting.axis("nk");
  }
  bool hasSecondReference() const override { return false; }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    const std::int64_t edge = visibleKeys(setting, lastQuery(setting));
    transform(setting, plan, "K", [=](const Index& index, double x) { return index.at("nk") < edge ? x : -8 * x; });
    transform(setting, plan, "V", [=](const Index& index, double x) { return index.at("nk") < edge ? x : 1000 + x; });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    Relation relation{.role = "O", .one_bound = true, .what = "with other keys beyond its causal edge"};
    const std::int64_t last = lastQuery(setting);
    relation.partner = [=](const Index& index, std::int64_t flat) -> std::optional<std::int64_t> {
      return index.at("nq") <= last ? std::optional(flat) : std::nullopt;
    };
    return firstBroken(setting, base, changed, relation);
  }

private:
  /// The last query that is looked at: one in the first half, so that some keys lie beyond its edge.
  static std::int64_t lastQuery(const Setting& setting) { return std::max<std::int64_t>(0, setting.axis("nq") / 2 - 1); }
};

} // namespace

std::unique_ptr<Property> makeFutureKeys() {
  return std::make_unique<FutureKeys>();
}

} // namespace kverify::properties
