// A gradient is linear in the gradient it is made from: nothing comes of nothing, and four times as much of four times as
// much. What was left in an accumulator, and terms that do not meet dO at all, show.
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

/// The gradient that a backward pass starts from, or null.
const SpecRole* startOf(const Setting& setting) {
  for (const char* name : {"dO", "dy"})
    if (const SpecRole* role = setting.contract.spec->findRole(name); role && !role->output && setting.hasRole(name))
      return role;
  return nullptr;
}

class GradientScale : public Property {
public:
  explicit GradientScale(double factor) : factor_(factor) {}

  std::string_view name() const override { return factor_ == 0 ? "zero-gradient" : "gradient-scale"; }
  const char* check() const override { return kInvariance; }
  std::string_view statement() const override {
    return factor_ == 0 ? "gradients of a gradient of 0 are 0, to the bit" : "4 times the gradient gives 4 times the gradients";
  }
  bool appliesTo(const Setting& setting) const override {
    return setting.oracle().ends_with(".backward") && startOf(setting);
  }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    transform(setting, plan, startOf(setting)->name, [&](const Index&, double x) { return factor_ * x; });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    const std::string what = (factor_ == 0 ? "with 0 for " : "with 4 times ") + startOf(setting)->name;
    for (const auto& [role, values] : changed.values)
      if (auto broken = firstBroken(setting, base, changed, {.role = role, .factor = factor_, .exact = factor_ == 0, .what = what}))
        return broken;
    return std::nullopt;
  }

private:
  double factor_;
};

} // namespace

std::unique_ptr<Property> makeGradientScale() {
  return std::make_unique<GradientScale>(4);
}

std::unique_ptr<Property> makeZeroGradient() {
  return std::make_unique<GradientScale>(0);
}

} // namespace kverify::properties
