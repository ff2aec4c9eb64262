// A softmax is a distribution: nothing below 0, nothing above 1, and a sum of 1.
#include <cmath>

#include <fmt/format.h>

#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

class SumsToOne : public Property {
public:
  std::string_view name() const override { return "sums-to-one"; }
  const char* check() const override { return kRange; }
  std::string_view statement() const override { return "every row of a softmax sums to 1, at values up to some hundreds"; }
  bool appliesTo(const Setting& setting) const override { return setting.oracle() == "softmax"; }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    transform(setting, plan, "x", [](const Index&, double x) { return 100 * x; });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base,
                                       const Result& changed) const override {
    auto broken = wrongRow(setting, base);
    return broken ? broken : wrongRow(setting, changed);
  }

private:
  static std::optional<std::string> wrongRow(const Setting& setting, const Result& result) {
    const std::vector<double>& y = result.values.at("y");
    const std::vector<double>& bound = result.references.at("y").bound;
    const std::string& name = setting.contract.findRole("y")->name;
    const auto n = static_cast<std::size_t>(setting.axis("n"));
    for (std::size_t row = 0; n > 0 && row < y.size() / n; ++row) {
      double sum = 0, allowed = 1e-12;
      for (std::size_t i = row * n; i < (row + 1) * n; ++i) {
        sum += y[i];
        allowed += bound[i];
        if (!(y[i] >= 0 && y[i] <= 1 + bound[i]))
          return fmt::format("{}[rows={}, n={}] is {:.9g}: no probability", name, row, i - row * n, y[i]);
      }
      if (!(std::fabs(sum - 1) <= allowed))
        return fmt::format("row {} of {} sums to {:.9g}: rounding explains {:.3g}", row, name, sum, allowed);
    }
    return std::nullopt;
  }
};

} // namespace

std::unique_ptr<Property> makeSumsToOne() {
  return std::make_unique<SumsToOne>();
}

} // namespace kverify::properties
