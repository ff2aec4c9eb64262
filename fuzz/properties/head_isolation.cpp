// NaN in every other key and value head: the query heads of those between do not see it. A tile that reaches into the next
// head's rows, with weight 0, still gives 0 * NaN.
#include <limits>

#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class HeadIsolation : public Property {
public:
  std::string_view name() const override { return "head-isolation"; }
  const char* check() const override { return kIndependence; }
  std::string_view statement() const override { return "NaN in one key head stays in its own query heads"; }
  bool appliesTo(const Setting& setting) const override { return isPlainAttention(setting) && setting.axis("hk") > 1; }
  bool hasSecondReference() const override { return false; }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    for (const char* role : {"K", "V"})
      transform(setting, plan, role, [](const Index& index, double x) {
        return index.at("hk") % 2 == 0 ? x : std::numeric_limits<double>::quiet_NaN();
      });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    Relation relation{.role = "O", .one_bound = true, .what = "with NaN in every other key head"};
    const std::int64_t group = setting.axis("h") / setting.axis("hk");
    relation.partner = [=](const Index& index, std::int64_t flat) -> std::optional<std::int64_t> {
      return index.at("h") / group % 2 == 0 ? std::optional(flat) : std::nullopt;
    };
    return firstBroken(setting, base, changed, relation);
  }
};

} // namespace

std::unique_ptr<Property> makeHeadIsolation() {
  return std::make_unique<HeadIsolation>();
}

} // namespace kverify::properties
