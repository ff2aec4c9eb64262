// V equal to c everywhere gives O equal to c, whatever the scores are: the normalisation alone is seen.
#include <cmath>

#include <fmt/format.h>

#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

constexpr double kConstant = -3;

class ConstantValues : public Property {
public:
  std::string_view name() const override { return "constant-values"; }
  const char* check() const override { return kRange; }
  std::string_view statement() const override { return "V = c everywhere gives O = c"; }
  bool appliesTo(const Setting& setting) const override { return isPlainAttention(setting); }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    transform(setting, plan, "V", [](const Index&, double) { return kConstant; });
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
      if (visibleKeys(setting, Index(view, flat).at("nq")) == 0 || std::fabs(got[i] - kConstant) <= bound)
        continue;
      return fmt::format("{}{} is {:.9g} where every value is {:g}: rounding explains {:.3g}",
                         setting.contract.findRole("O")->name, view.indexText(flat), got[i], kConstant, bound);
    }
    return std::nullopt;
  }
};

} // namespace

std::unique_ptr<Property> makeConstantValues() {
  return std::make_unique<ConstantValues>();
}

} // namespace kverify::properties
