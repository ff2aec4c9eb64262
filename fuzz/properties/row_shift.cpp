// A constant added to a whole row: softmax and layer normalisation do not see it, log-softmax neither.
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class RowShift : public Property {
public:
  std::string_view name() const override { return "row-shift"; }
  const char* check() const override { return kInvariance; }
  std::string_view statement() const override { return "x + c for x leaves y as it is"; }
  bool appliesTo(const Setting& setting) const override {
    const std::string& oracle = setting.oracle();
    return (oracle == "softmax" || oracle == "log_softmax" || oracle == "layer_norm") && setting.axis("n") > 1;
  }
  void prepare(const Setting& setting, LaunchPlan& plan) const override { coarsen(setting, plan, "x"); }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    transform(setting, plan, "x", [](const Index& index, double x) { return x + (index.at("rows") % 2 ? -4 : 4); });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    return firstBroken(setting, base, changed, {.role = "y", .what = "with a constant added to every row"});
  }
};

} // namespace

std::unique_ptr<Property> makeRowShift() {
  return std::make_unique<RowShift>();
}

} // namespace kverify::properties
