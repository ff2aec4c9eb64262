// Grouped heads are repeated heads: where all key heads hold the same keys and values and all query heads the same
// queries, all heads give the same result. Strides between heads, and query heads that read a wrong group, show.
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class HeadSymmetry : public Property {
public:
  std::string_view name() const override { return "head-symmetry"; }
  const char* check() const override { return kInvariance; }
  std::string_view statement() const override { return "equal heads give equal results (GQA = repeated KV)"; }
  bool appliesTo(const Setting& setting) const override { return isPlainAttention(setting) && setting.axis("h") > 1; }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    reorder(setting, plan, "Q", "h", std::vector<std::int64_t>(static_cast<std::size_t>(setting.axis("h")), 0));
    for (const char* role : {"K", "V"})
      reorder(setting, plan, role, "hk", std::vector<std::int64_t>(static_cast<std::size_t>(setting.axis("hk")), 0));
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    Relation relation{.role = "O", .what = "as a copy of head 0"};
    relation.partner = [](const Index& index, std::int64_t) { return index.moved("h", 0); };
    return firstBroken(setting, base, changed, relation);
  }
};

} // namespace

std::unique_ptr<Property> makeHeadSymmetry() {
  return std::make_unique<HeadSymmetry>();
}

} // namespace kverify::properties
