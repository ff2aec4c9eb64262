#include "fuzz/properties/relation.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "contract/operation.h"
#include "fuzz/generate/random.h"

namespace kverify::properties {

Index::Index(const judge::RoleView& view, std::int64_t flat) : view_(view) {
  assert(view.extents.size() <= kMostAxes);
  for (std::size_t i = view.extents.size(); i-- > 0;) {
    index_[i] = flat % view.extents[i];
    flat /= view.extents[i];
  }
}

bool Index::has(std::string_view axis) const {
  return std::find(view_.role->axes.begin(), view_.role->axes.end(), axis) != view_.role->axes.end();
}

std::int64_t Index::at(std::string_view axis) const {
  for (std::size_t i = 0; i < view_.extents.size(); ++i)
    if (view_.role->axes[i] == axis)
      return index_[i];
  return 0;
}

std::int64_t Index::moved(std::string_view axis, std::int64_t to) const {
  std::int64_t flat = 0;
  for (std::size_t i = 0; i < view_.extents.size(); ++i)
    flat = flat * view_.extents[i] + (view_.role->axes[i] == axis ? to : index_[i]);
  return flat;
}

judge::RoleView viewOf(const Setting& setting, const LaunchPlan& plan, const std::string& role) {
  return judge::viewRole(setting.contract, plan, setting.axes, role);
}

void transform(const Setting& setting, LaunchPlan& plan, const std::string& role,
               const std::function<double(const Index&, double)>& value) {
  judge::RoleView view = viewOf(setting, plan, role);
  if (!view.tensor || view.role->integer)
    return;
  std::vector<std::uint8_t>& bytes = plan.buffers[view.buffer].bytes;
  std::vector<double> values = judge::readDense(view, view.tensor->dtype, bytes);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = value(Index(view, static_cast<std::int64_t>(i)), values[i]);
  judge::writeDense(view, view.tensor->dtype, bytes, values);
}

void reorder(const Setting& setting, LaunchPlan& plan, const std::string& role, const std::string& axis,
             const std::vector<std::int64_t>& order) {
  judge::RoleView view = viewOf(setting, plan, role);
  if (!view.tensor)
    return;
  const std::vector<double> before =
      judge::readDense(view, view.tensor->dtype, plan.buffers[view.buffer].bytes);
  transform(setting, plan, role, [&](const Index& index, double) {
    return before[static_cast<std::size_t>(index.moved(axis, order[static_cast<std::size_t>(index.at(axis))]))];
  });
}

void coarsen(const Setting& setting, LaunchPlan& plan, const std::string& role) {
  transform(setting, plan, role,
            [](const Index&, double x) { return std::clamp(std::nearbyint(x * 16) / 16, -4.0, 4.0); });
}

std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  generate::Random random(seed);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[random.below(i)]);
  if (count > 1 && std::is_sorted(order.begin(), order.end()))
    std::swap(order.front(), order.back());
  return order;
}

namespace {

struct Pair {
  double base, changed, allowed;
};

bool holds(const Pair& pair, const Relation& relation) {
  const double want = relation.factor * pair.base + relation.offset;
  if (std::isnan(want) && std::isnan(pair.changed))
    return true;
  if (want == pair.changed)
    return true;
  if (relation.exact || !std::isfinite(want) || !std::isfinite(pair.changed))
    return false;
  return std::fabs(pair.changed - want) <= pair.allowed;
}

} // namespace

std::optional<std::string> firstBroken(const Setting& setting, const Result& base, const Result& changed,
                                       const Relation& relation) {
  const std::vector<double>& before = base.values.at(relation.role);
  const std::vector<double>& after = changed.values.at(relation.role);
  const oracle::Reference& before_reference = base.references.at(relation.role);
  judge::RoleView view;
  view.role = setting.contract.spec->findRole(relation.role);
  for (const std::string& axis : view.role->axes)
    view.extents.push_back(setting.axes.at(axis));
  for (std::size_t i = 0; i < after.size(); ++i) {
    const auto flat = static_cast<std::int64_t>(i);
    auto partner = relation.partner ? relation.partner(Index(view, flat), flat) : flat;
    if (!partner)
      continue;
    const auto j = static_cast<std::size_t>(*partner);
    double allowed = std::fabs(relation.factor) * before_reference.bound[j];
    if (relation.one_bound) {
      allowed *= 2;
    } else {
      const oracle::Reference& after_reference = changed.references.at(relation.role);
      // What exact arithmetic itself changes (an epsilon beside a scaled variance) is nobody's error.
      allowed += after_reference.bound[i] + std::fabs(after_reference.value[i] - relation.factor * before_reference.value[j] -
                                                      relation.offset);
    }
    if (std::isnan(allowed)) // of infinite references: nothing is known of their difference
      allowed = std::numeric_limits<double>::infinity();
    const Pair pair{before[j], after[i], allowed};
    if (holds(pair, relation))
      continue;
    std::string rule = relation.exact ? "not the same bits" : fmt::format("rounding explains {:.3g}", allowed);
    std::string expected = relation.factor == 1 && relation.offset == 0
                               ? ""
                               : fmt::format(" (times {:g}, plus {:g})", relation.factor, relation.offset);
    return fmt::format("{}{} is {:.9g} {}, and {:.9g}{} without: {}", setting.contract.findRole(relation.role)->name,
                       view.indexText(flat), pair.changed, relation.what, pair.base, expected, rule);
  }
  return std::nullopt;
}

bool isPlainAttention(const Setting& setting) {
  if (setting.oracle() != "attention.forward")
    return false;
  static const std::vector<std::string> roles = {"", "Q", "K", "V", "O", "LSE"};
  for (const TensorDecl& tensor : setting.contract.tensors)
    if (std::find(roles.begin(), roles.end(), tensor.role) == roles.end())
      return false;
  for (const auto& [name, value] : setting.contract.options)
    if (name != "scale" && name != "causal" && name != "masked_scores") // a property's own inputs are finite
      return false;
  return true;
}

std::string causalOf(const Setting& setting) {
  auto causal = contract::choiceOption(setting.contract, setting.sizes, "causal");
  return causal ? *causal : "unknown";
}

std::int64_t visibleKeys(const Setting& setting, std::int64_t query) {
  const std::int64_t keys = setting.axis("nk"), queries = setting.axis("nq");
  const std::string causal = causalOf(setting);
  std::int64_t visible = keys;
  if (causal == "bottom-right")
    visible = query + 1 + keys - queries;
  if (causal == "top-left")
    visible = query + 1;
  return std::clamp<std::int64_t>(visible, 0, keys);
}

} // namespace kverify::properties
