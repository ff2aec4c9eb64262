#include "fuzz/generate/holds.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace kverify::generate {
namespace {

/// Evaluates an optional bound into `value`.
Expected<void> evalInto(const Expr& expr, const Sizes& sizes, std::int64_t& value) {
  if (!expr)
    return {};
  auto result = evalInteger(expr, sizes);
  if (!result)
    return tl::unexpected<ToolError>(result.error());
  value = *result;
  return {};
}

Expected<void> evalInto(const Expr& expr, const Sizes& sizes, std::optional<std::int64_t>& value) {
  if (!expr)
    return {};
  std::int64_t result = 0;
  if (auto done = evalInto(expr, sizes, result); !done)
    return done;
  value = result;
  return {};
}

std::string describe(const RowRule& rule) {
  const char* order = rule.order == HoldsDecl::Order::Increasing      ? "increasing "
                      : rule.order == HoldsDecl::Order::Nondecreasing ? "nondecreasing "
                      : rule.distinct                                 ? "distinct "
                                                                      : "";
  std::string ends;
  if (rule.first)
    ends += fmt::format(" with {} first", *rule.first);
  if (rule.last)
    ends += fmt::format("{} {} last", ends.empty() ? " with" : " and", *rule.last);
  return fmt::format("{}values in [{}, {}]{}", order, rule.low, rule.high, ends);
}

/// Can a row of `length` keep the rule? Counts the room between the fixed ends.
bool isFeasible(const RowRule& rule, std::int64_t length) {
  if (length == 0)
    return true;
  if (rule.low > rule.high)
    return false;
  auto inside = [&](const std::optional<std::int64_t>& end) { return !end || (rule.low <= *end && *end <= rule.high); };
  if (!inside(rule.first) || !inside(rule.last))
    return false;
  if (length == 1 && rule.first && rule.last)
    return *rule.first == *rule.last;
  std::int64_t room = rule.high - rule.low;
  if (rule.distinct)
    return length - 1 <= room;
  std::int64_t from = rule.first.value_or(rule.low), to = rule.last.value_or(rule.high);
  if (rule.order == HoldsDecl::Order::Nondecreasing)
    return from <= to;
  if (rule.order == HoldsDecl::Order::Increasing)
    return to - from >= length - 1;
  return true;
}

/// `count` distinct values of [low, high] in increasing order (Floyd's sampling).
std::vector<std::int64_t> sampleDistinct(std::int64_t low, std::int64_t high, std::int64_t count, Random& random) {
  std::set<std::int64_t> chosen;
  for (std::int64_t top = high - count + 1; top <= high; ++top)
    if (!chosen.insert(random.between(low, top)).second)
      chosen.insert(top);
  return {chosen.begin(), chosen.end()};
}

void shuffle(std::vector<std::int64_t>& values, Random& random) {
  for (std::size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[random.below(i)]);
}

} // namespace

Expected<RowRule> rowRule(const TensorDecl& tensor, const Sizes& sizes, std::int64_t length) {
  RowRule rule;
  if (!tensor.holds)
    return rule;
  const HoldsDecl& holds = *tensor.holds;
  rule.order = holds.order;
  rule.distinct = holds.permutation;
  for (auto done : {evalInto(holds.low, sizes, rule.low), evalInto(holds.high, sizes, rule.high),
                    evalInto(holds.first, sizes, rule.first), evalInto(holds.last, sizes, rule.last)})
    if (!done)
      return tl::unexpected<ToolError>(done.error());
  if (!isFeasible(rule, length))
    return fail(ErrorKind::Input, fmt::format("'{}' can't hold {} {}", tensor.name, length, describe(rule)),
                tensor.place);
  return rule;
}

std::vector<std::int64_t> drawRow(const RowRule& rule, std::int64_t length, Random& random) {
  if (length == 0)
    return {};
  bool ordered = rule.order != HoldsDecl::Order::None;
  std::int64_t low = ordered && rule.first ? *rule.first : rule.low;
  std::int64_t high = ordered && rule.last ? *rule.last : rule.high;
  std::vector<std::int64_t> row;
  if (rule.order == HoldsDecl::Order::Increasing) {
    // The fixed ends are left out of the draw and put back, so that the rest falls strictly between.
    std::int64_t fixed = (rule.first ? 1 : 0) + (rule.last && length > 1 ? 1 : 0);
    row = sampleDistinct(low + (rule.first ? 1 : 0), high - (rule.last ? 1 : 0),
                         std::max<std::int64_t>(length - fixed, 0), random);
    if (rule.first)
      row.insert(row.begin(), *rule.first);
    if (rule.last && length > 1)
      row.push_back(*rule.last);
    if (rule.last && length == 1)
      row = {*rule.last};
    return row;
  }
  if (rule.distinct) {
    row = sampleDistinct(low, high, length, random);
    shuffle(row, random);
    return row;
  }
  for (std::int64_t i = 0; i < length; ++i)
    row.push_back(random.between(low, high));
  if (ordered)
    std::sort(row.begin(), row.end());
  if (rule.first)
    row.front() = *rule.first;
  if (rule.last)
    row.back() = *rule.last;
  return row;
}

} // namespace kverify::generate
