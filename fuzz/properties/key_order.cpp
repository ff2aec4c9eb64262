// Keys in another order, their values with them: without a mask the sum is the same. Races, indexes and the order of
// tiles show.
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class KeyOrder : public Property {
public:
  std::string_view name() const override { return "key-order"; }
  const char* check() const override { return kInvariance; }
  std::string_view statement() const override { return "keys and values in another order leave O as it is (no mask)"; }
  bool appliesTo(const Setting& setting) const override {
    return isPlainAttention(setting) && causalOf(setting) == "none" && setting.axis("nk") > 1;
  }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    const auto order = shuffled(setting.axis("nk"), setting.seed);
    reorder(setting, plan, "K", "nk", order);
    reorder(setting, plan, "V", "nk", order);
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    return firstBroken(setting, base, changed, {.role = "O", .what = "with the keys in another order"});
  }
};

} // namespace

std::unique_ptr<Property> makeKeyOrder() {
  return std::make_unique<KeyOrder>();
}

} // namespace kverify::properties
