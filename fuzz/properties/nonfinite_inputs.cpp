// A NaN or an infinity in one element of an input reaches every result that depends on it, where the contract says that
// it does. Scrubbing (fmaxf drops a NaN, a clamp hides an infinity) shows.
#include <cmath>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "fuzz/generate/random.h"
#include "fuzz/properties/declare.h"
#include "fuzz/properties/relation.h"

namespace kverify::properties {
namespace {

/// One element, by seed, of the input with this number among the float inputs that the contract has.
class NonfiniteInput : public Property {
public:
  NonfiniteInput(std::size_t number, bool infinite)
      : number_(number), infinite_(infinite),
        name_(fmt::format("{}-input-{}", infinite ? "infinite" : "nan", number + 1)) {}

  std::string_view name() const override { return name_; }
  const char* check() const override { return kNonfinite; }
  std::string_view statement() const override {
    return infinite_ ? "an infinity in an input reaches what depends on it" : "a NaN in an input reaches what depends on it";
  }
  bool appliesTo(const Setting& setting) const override {
    return setting.contract.nonfinite.inputs_propagate && roleOf(setting);
  }
  void change(const Setting& setting, LaunchPlan& plan) const override {
    const SpecRole* role = roleOf(setting);
    const judge::RoleView view = viewOf(setting, plan, role->name);
    if (view.count() == 0)
      return;
    const auto chosen = static_cast<std::int64_t>(generate::mix(setting.seed, name_) % static_cast<std::uint64_t>(view.count()));
    std::int64_t at = 0;
    transform(setting, plan, role->name, [&](const Index&, double x) { return at++ == chosen ? value() : x; });
  }
  std::optional<std::string> violation(const Setting& setting, const Result& base, const Result& changed) const override {
    for (const auto& [role, got] : changed.values) {
      const oracle::Reference& before = base.references.at(role);
      const oracle::Reference& after = changed.references.at(role);
      std::optional<std::size_t> scrubbed;
      bool some_came_through = false;
      for (std::size_t i = 0; i < got.size(); ++i) {
        if (!std::isfinite(before.value[i]) || std::isfinite(after.value[i]))
          continue;
        some_came_through |= !std::isfinite(got[i]);
        if (std::isfinite(got[i]) && !scrubbed)
          scrubbed = i;
      }
      // A NaN stays a NaN whatever is done with it. What an infinity does depends on the order of operations: inf - inf, or
      // a limit that is finite. It only must not vanish from all of them.
      if (scrubbed && (!infinite_ || !some_came_through))
        return text(setting, role, static_cast<std::int64_t>(*scrubbed), got[*scrubbed], after.value[*scrubbed]);
    }
    return std::nullopt;
  }

private:
  double value() const {
    return infinite_ ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  }

  const SpecRole* roleOf(const Setting& setting) const {
    std::size_t number = 0;
    for (const SpecRole& role : setting.contract.spec->roles)
      if (!role.output && !role.integer && setting.hasRole(role.name) && number++ == number_)
        return &role;
    return nullptr;
  }

  std::string text(const Setting& setting, const std::string& role, std::int64_t flat, double got, double want) const {
    judge::RoleView view;
    view.role = setting.contract.spec->findRole(role);
    for (const std::string& axis : view.role->axes)
      view.extents.push_back(setting.axes.at(axis));
    return fmt::format("{}{} is {:.9g} with {} in {}: IEEE arithmetic gives {}, and the contract says that it propagates",
                       setting.contract.findRole(role)->name, view.indexText(flat), got, infinite_ ? "an infinity" : "a NaN",
                       setting.contract.findRole(roleOf(setting)->name)->name, want);
  }

  std::size_t number_;
  bool infinite_;
  std::string name_;
};

} // namespace

std::unique_ptr<Property> makeNonfiniteInput(std::size_t number, bool infinite) {
  return std::make_unique<NonfiniteInput>(number, infinite);
}

} // namespace kverify::properties
