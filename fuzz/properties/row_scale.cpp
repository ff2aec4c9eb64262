// A row times a power of two: a normalisation gives the same, but for its epsilon.
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class RowScale : public Property {
public:
  std::string_view name() const override { return "row-scale"; }
  const char* check() const override { return kInvariance; }
  std::string_view statement() const override { return "64 x for x leaves a normalised row as it is, but for eps"; }
  bool appliesTo(const Setting& setting) const override {
    return (setting.oracle() == "layer_norm" || setting.oracle() == "rms_norm") && setting.axis("n") > 1;
  }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    transform(setting, plan, "x", [](const Index&, double x) { return x * 64; });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    return firstBroken(setting, base, changed, {.role = "y", .what = "with 64 x"});
  }
};

} // namespace

std::unique_ptr<Property> makeRowScale() {
  return std::make_unique<RowScale>();
}

} // namespace kverify::properties
