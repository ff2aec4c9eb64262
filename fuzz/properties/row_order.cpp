// The elements of a row in another order: the results come in that order. Reductions that miss or repeat an element show.
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class RowOrder : public Property {
public:
  std::string_view name() const override { return "row-order"; }
  const char* check() const override { return kInvariance; }
  std::string_view statement() const override { return "x in another order gives y in that order"; }
  bool appliesTo(const Setting& setting) const override {
    const std::string& oracle = setting.oracle();
    return (oracle == "softmax" || oracle == "log_softmax" || oracle == "layer_norm" || oracle == "rms_norm") &&
           setting.axis("n") > 1;
  }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    const auto order = shuffled(setting.axis("n"), setting.seed);
    for (const SpecRole& role : setting.contract.spec->roles)
      if (!role.output)
        reorder(setting, plan, role.name, "n", order);
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    const auto order = shuffled(setting.axis("n"), setting.seed);
    Relation relation{.role = "y", .what = "with the row in another order"};
    relation.partner = [&](const Index& index, std::int64_t) {
      return index.moved("n", order[static_cast<std::size_t>(index.at("n"))]);
    };
    return firstBroken(setting, base, changed, relation);
  }
};

} // namespace

std::unique_ptr<Property> makeRowOrder() {
  return std::make_unique<RowOrder>();
}

} // namespace kverify::properties
