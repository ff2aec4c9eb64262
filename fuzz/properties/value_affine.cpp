// The weights of a row sum to 1: 2 V + 4 gives 2 O + 4. A wrong denominator and an accumulator that is not linear in V
// show.
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class ValueAffine : public Property {
public:
  std::string_view name() const override { return "value-affine"; }
  const char* check() const override { return kInvariance; }
  std::string_view statement() const override { return "2 V + 4 for V gives 2 O + 4"; }
  bool appliesTo(const Setting& setting) const override { return isPlainAttention(setting); }
  void prepare(const Setting& setting, LaunchPlan& plan) const override { coarsen(setting, plan, "V"); }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    transform(setting, plan, "V", [](const Index&, double x) { return 2 * x + 4; });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    Relation relation{.role = "O", .factor = 2, .offset = 4, .what = "with 2 V + 4"};
    // A query that sees no key has no weights that could sum to 1.
    relation.partner = [&](const Index& index, std::int64_t flat) -> std::optional<std::int64_t> {
      return visibleKeys(setting, index.at("nq")) > 0 ? std::optional(flat) : std::nullopt;
    };
    return firstBroken(setting, base, changed, relation);
  }
};

} // namespace

std::unique_ptr<Property> makeValueAffine() {
  return std::make_unique<ValueAffine>();
}

} // namespace kverify::properties
