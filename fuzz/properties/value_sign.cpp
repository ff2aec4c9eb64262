// Rounding is symmetric: -V gives -O to the bit. Branches on the sign of a value, and maxima where sums are due, show.
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class ValueSign : public Property {
public:
  std::string_view name() const override { return "value-sign"; }
  const char* check() const override { return kInvariance; }
  std::string_view statement() const override { return "-V for V gives -O, to the bit"; }
  bool appliesTo(const Setting& setting) const override { return setting.oracle() == "attention.forward"; }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    transform(setting, plan, "V", [](const Index&, double x) { return -x; });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    return firstBroken(setting, base, changed, {.role = "O", .factor = -1, .exact = true, .what = "with -V"});
  }
};

} // namespace

std::unique_ptr<Property> makeValueSign() {
  return std::make_unique<ValueSign>();
}

} // namespace kverify::properties
