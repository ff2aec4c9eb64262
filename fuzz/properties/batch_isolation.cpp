// NaN in every other batch entry (or row): the results of those between stay. Strides, tiles that reach into the neighbour, and
// reductions over too much show.
#include <limits>

#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class BatchIsolation : public Property {
public:
  std::string_view name() const override { return "batch-isolation"; }
  const char* check() const override { return kIndependence; }
  std::string_view statement() const override { return "NaN in one batch entry or row stays in it"; }
  bool appliesTo(const Setting& setting) const override { return !axisOf(setting).empty(); }
  bool hasSecondReference() const override { return false; }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    const std::string axis = axisOf(setting);
    for (const SpecRole& role : setting.contract.spec->roles)
      if (!role.output)
        transform(setting, plan, role.name, [&](const Index& index, double x) {
          return !index.has(axis) || index.at(axis) % 2 == 0 ? x : std::numeric_limits<double>::quiet_NaN();
        });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    const std::string axis = axisOf(setting);
    for (const auto& [role, values] : changed.values) {
      Relation relation{.role = role, .one_bound = true, .what = "with NaN in every other entry of " + axis};
      relation.partner = [&](const Index& index, std::int64_t flat) -> std::optional<std::int64_t> {
        return index.has(axis) && index.at(axis) % 2 == 0 ? std::optional(flat) : std::nullopt;
      };
      if (auto broken = firstBroken(setting, base, changed, relation))
        return broken;
    }
    return std::nullopt;
  }

private:
  /// The axis whose entries have nothing to do with each other, or none.
  static std::string axisOf(const Setting& setting) {
    if (isPlainAttention(setting) && setting.axis("b") > 1)
      return "b";
    return setting.axis("rows") > 1 ? "rows" : "";
  }
};

} // namespace

std::unique_ptr<Property> makeBatchIsolation() {
  return std::make_unique<BatchIsolation>();
}

} // namespace kverify::properties
