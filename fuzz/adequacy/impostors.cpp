#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "fuzz/adequacy/adequacy.h"
#include "fuzz/properties/relation.h"

namespace kverify::adequacy {
namespace {

using properties::Index;
using properties::Setting;
using properties::transform;
using properties::viewOf;

/// Collects the impostors of one launch.
class Cast {
public:
  Cast(const Setting& setting, const LaunchPlan& plan, const judge::References& references)
      : setting_(setting), plan_(plan), references_(references) {}

  std::vector<Impostor> take() { return std::move(impostors_); }

  void addConstant(const std::string& name, double constant) {
    WrongResult values;
    for (const auto& [role, reference] : references_)
      values[role].assign(reference.value.size(), constant);
    impostors_.push_back({name, std::move(values)});
  }

  /// The input's elements, over and over.
  void addCopy(const SpecRole& input) {
    const std::vector<double> source = dense(plan_, input.name);
    if (source.empty())
      return;
    WrongResult values;
    for (const auto& [role, reference] : references_)
      for (std::size_t i = 0; i < reference.value.size(); ++i)
        values[role].push_back(source[i % source.size()]);
    impostors_.push_back({fmt::format("a copy of {}", input.name), std::move(values)});
  }

  void addResult(const std::string& name, const judge::References& other) {
    WrongResult values;
    for (const auto& [role, reference] : other)
      values[role] = reference.value;
    if (!values.empty())
      impostors_.push_back({name, std::move(values)});
  }

  /// What the operation gives for other inputs.
  template <class Change>
  void addChanged(const std::string& name, Change change) {
    if (auto other = ask(change))
      addResult(name, *other);
  }

  /// An input that is not looked at, and one whose last slice along an axis is not.
  void addIgnored(const SpecRole& input) {
    addChanged(fmt::format("{} taken for zeros", input.name), [&](LaunchPlan& plan) {
      transform(setting_, plan, input.name, [](const Index&, double) { return 0.0; });
    });
    for (const std::string& axis : input.axes) {
      const std::int64_t extent = setting_.axis(axis);
      if (extent < 2)
        continue;
      addChanged(fmt::format("the last {} of {} taken for zeros", axis, input.name), [&](LaunchPlan& plan) {
        transform(setting_, plan, input.name,
                  [&](const Index& index, double x) { return index.at(axis) == extent - 1 ? 0.0 : x; });
      });
    }
  }

  /// Attention: the weights of all keys that a query sees are equal, or the last key of all is not seen.
  void addAttention() {
    addChanged("uniform weights (mean of V)", [&](LaunchPlan& plan) {
      transform(setting_, plan, "Q", [](const Index&, double) { return 0.0; });
    });
    addLostKey();
    if (setting_.contract.spec->findOption("causal") && properties::causalOf(setting_) != "none") {
      addShiftedMask(1);
      addShiftedMask(-1);
    }
  }

  /// y without element n-1 in the denominator, for a softmax.
  void addLostColumn() {
    const std::vector<double>& y = references_.at("y").value;
    const auto n = static_cast<std::size_t>(setting_.axis("n"));
    if (n < 2)
      return;
    WrongResult values;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double last = y[i / n * n + n - 1];
      values["y"].push_back(i % n == n - 1 ? 0 : y[i] / (1 - last));
    }
    impostors_.push_back({"the last column lost", std::move(values)});
    values["y"].assign(y.size(), 1.0 / static_cast<double>(n));
    impostors_.push_back({"uniform weights", std::move(values)});
  }

private:
  std::vector<double> dense(const LaunchPlan& plan, const std::string& role) const {
    const judge::RoleView view = viewOf(setting_, plan, role);
    if (!view.tensor)
      return {};
    return judge::readDense(view, view.tensor->dtype, plan.buffers[view.buffer].bytes);
  }

  template <class Change>
  std::optional<judge::References> ask(Change change) const {
    LaunchPlan other = plan_;
    change(other);
    auto references = judge::askReferences(setting_.contract, other);
    return references ? std::optional(std::move(*references)) : std::nullopt;
  }

  /// Without key n-1 a row is (O - p v) / (1 - p). Its weight p is the oracle's own answer for values that are 1 at that
  /// key and 0 elsewhere, whatever mask or bias the operation has.
  void addLostKey() {
    const std::int64_t last = setting_.axis("nk") - 1;
    auto weights = last < 1 ? std::nullopt : ask([&](LaunchPlan& plan) {
      transform(setting_, plan, "V", [&](const Index& index, double) { return index.at("nk") == last ? 1.0 : 0.0; });
    });
    auto values = last < 1 ? std::nullopt : ask([&](LaunchPlan& plan) {
      transform(setting_, plan, "V", [&](const Index& index, double x) { return index.at("nk") == last ? x : 0.0; });
    });
    if (!weights || !values)
      return;
    WrongResult wrong;
    const std::vector<double>& out = references_.at("O").value;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double p = weights->at("O").value[i];
      wrong["O"].push_back(p < 1 ? (out[i] - values->at("O").value[i]) / (1 - p) : 0);
    }
    impostors_.push_back({"the last key lost", std::move(wrong)});
  }

  /// A mask that is off by one: query i sees what query i - by would. The oracle says what, with the queries moved.
  void addShiftedMask(std::int64_t by) {
    const std::int64_t queries = setting_.axis("nq");
    auto moved = ask([&](LaunchPlan& plan) {
      std::vector<std::int64_t> order;
      for (std::int64_t i = 0; i < queries; ++i)
        order.push_back(std::clamp<std::int64_t>(i + by, 0, queries - 1));
      properties::reorder(setting_, plan, "Q", "nq", order);
    });
    if (!moved || queries < 2)
      return;
    judge::RoleView view;
    view.role = setting_.contract.spec->findRole("O");
    for (const std::string& axis : view.role->axes)
      view.extents.push_back(setting_.axes.at(axis));
    WrongResult wrong;
    wrong["O"] = references_.at("O").value;
    for (std::size_t i = 0; i < wrong["O"].size(); ++i) {
      const Index index(view, static_cast<std::int64_t>(i));
      const std::int64_t from = index.at("nq") - by;
      if (from >= 0 && from < queries)
        wrong["O"][i] = moved->at("O").value[static_cast<std::size_t>(index.moved("nq", from))];
    }
    impostors_.push_back(
        {by > 0 ? "a causal edge one key too early" : "a causal edge one key too late", std::move(wrong)});
  }

  const Setting& setting_;
  const LaunchPlan& plan_;
  const judge::References& references_;
  std::vector<Impostor> impostors_;
};

} // namespace

std::vector<Impostor> impostorsOf(const Setting& setting, const LaunchPlan& plan, const judge::References& references,
                                  const judge::References& stale) {
  Cast cast(setting, plan, references);
  cast.addConstant("zeros", 0);
  cast.addResult("the result of another launch", stale);
  for (const SpecRole& role : setting.contract.spec->roles) {
    if (role.output || role.integer || !setting.hasRole(role.name))
      continue;
    cast.addCopy(role);
    cast.addIgnored(role);
  }
  if (setting.oracle() == "attention.forward")
    cast.addAttention();
  if (setting.oracle() == "softmax")
    cast.addLostColumn();
  return cast.take();
}

} // namespace kverify::adequacy
