// One constant vector added to every key moves all scores of a query by the same amount, and softmax does not see it:
// errors of the maximum and of the shift by it show.
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class KeyShift : public Property {
public:
  std::string_view name() const override { return "key-shift"; }
  const char* check() const override { return kInvariance; }
  std::string_view statement() const override { return "K + c for K leaves O as it is"; }
  bool appliesTo(const Setting& setting) const override {
    return isPlainAttention(setting) && setting.axis("nk") > 1;
  }
  void prepare(const Setting& setting, LaunchPlan& plan) const override { coarsen(setting, plan, "K"); }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    transform(setting, plan, "K", [](const Index& index, double x) { return x + (index.at("d") % 3 == 1 ? -4 : 4); });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    return firstBroken(setting, base, changed, {.role = "O", .what = "with a constant added to every key"});
  }
};

} // namespace

std::unique_ptr<Property> makeKeyShift() {
  return std::make_unique<KeyShift>();
}

} // namespace kverify::properties
