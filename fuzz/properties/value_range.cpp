// O is a mean of values: it lies between the smallest and the largest of them, whatever the scores are. Seen at scores
// that overflow where the maximum is not taken off.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

/// Values in [1, 2]: a mean of them can't be 0, and no sign hides a wrong weight.
class ValueRange : public Property {
public:
  std::string_view name() const override { return "value-range"; }
  const char* check() const override { return kRange; }
  std::string_view statement() const override { return "min V <= O <= max V, at scores up to some thousands"; }
  /// A score accumulated in half precision may overflow by right.
  bool appliesTo(const Setting& setting) const override {
    return isPlainAttention(setting) && setting.contract.precision.qk != Arithmetic::F16;
  }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    for (const char* role : {"Q", "K"})
      transform(setting, plan, role, [](const Index&, double x) { return std::clamp(32 * x, -128.0, 128.0); });
    transform(setting, plan, "V", [](const Index&, double x) { return 1 + std::fabs(x) - std::floor(std::fabs(x)); });
  }
  std::optional<std::string> violation(const Setting& setting, const Result&, const Result& changed) const override {
    judge::RoleView view;
    view.role = setting.contract.spec->findRole("O");
    for (const std::string& axis : view.role->axes)
      view.extents.push_back(setting.axes.at(axis));
    const std::vector<double>& got = changed.values.at("O");
    for (std::size_t i = 0; i < got.size(); ++i) {
      const auto flat = static_cast<std::int64_t>(i);
      const double bound = changed.references.at("O").bound[i];
      if (visibleKeys(setting, Index(view, flat).at("nq")) == 0 || (got[i] >= 1 - bound && got[i] <= 2 + bound))
        continue;
      return fmt::format("{}{} is {:.9g}, and every value that it is a mean of lies in [1, 2]",
                         setting.contract.findRole("O")->name, view.indexText(flat), got[i]);
    }
    return std::nullopt;
  }
};

} // namespace

std::unique_ptr<Property> makeValueRange() {
  return std::make_unique<ValueRange>();
}

} // namespace kverify::properties
