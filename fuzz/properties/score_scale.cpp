// Q times a power of two and K divided by it: every product is the same number, so every score, and every bit after it,
// is. A scale that is applied twice, a clamp, a threshold on the magnitude of an input show.
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class ScoreScale : public Property {
public:
  std::string_view name() const override { return "score-scale"; }
  const char* check() const override { return kInvariance; }
  std::string_view statement() const override { return "1024 Q for Q and K / 1024 for K leave every bit of O as it is"; }
  bool appliesTo(const Setting& setting) const override {
    return isPlainAttention(setting) && setting.axis("nk") > 1;
  }
  void prepare(const Setting& setting, LaunchPlan& plan) const override {
    coarsen(setting, plan, "Q"); // K/1024 is then exact in every type, and 1024 Q within its range
    coarsen(setting, plan, "K");
  }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    transform(setting, plan, "Q", [](const Index&, double x) { return x * 1024; });
    transform(setting, plan, "K", [](const Index&, double x) { return x / 1024; });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    return firstBroken(setting, base, changed, {.role = "O", .exact = true, .what = "with 1024 Q and K / 1024"});
  }
};

} // namespace

std::unique_ptr<Property> makeScoreScale() {
  return std::make_unique<ScoreScale>();
}

} // namespace kverify::properties
