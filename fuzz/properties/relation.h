#pragma once
// What properties are made of: changing a role's elements, and comparing two results element by element.
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/properties/property.h"

namespace kverify::properties {

/// A position along the axes of a role.
class Index {
public:
  Index(const judge::RoleView& view, std::int64_t flat);
  /// Along this axis; 0 where the role does not have it.
  std::int64_t at(std::string_view axis) const;
  /// With another position along one axis, flat again.
  std::int64_t moved(std::string_view axis, std::int64_t to) const;
  bool has(std::string_view axis) const;

private:
  const judge::RoleView& view_;
  static constexpr std::size_t kMostAxes = 8;
  std::array<std::int64_t, kMostAxes> index_{}; // no allocation: there is one of these for every element
};

/// The view of a role, where the plan's contract has it.
judge::RoleView viewOf(const Setting& setting, const LaunchPlan& plan, const std::string& role);

/// Every element of a float input gets another value. Roles that the contract does not have are left out.
void transform(const Setting& setting, LaunchPlan& plan, const std::string& role,
               const std::function<double(const Index&, double)>& value);

/// Reorders a role along an axis: element i of the result is element order[i].
void reorder(const Setting& setting, LaunchPlan& plan, const std::string& role, const std::string& axis,
             const std::vector<std::int64_t>& order);

/// Rounds to multiples of 1/16 within +-4: such values survive a shift by 4, a sign and a power of two in every type.
void coarsen(const Setting& setting, LaunchPlan& plan, const std::string& role);

/// A random order of 0 .. count-1 that moves something where count > 1.
std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed);

/// How two results relate.
struct Relation {
  std::string role;
  double factor = 1, offset = 0; ///< changed = factor * base + offset …
  bool exact = false;            ///< to the bit; else within the sum of the bounds
  bool one_bound = false;        ///< there is no second reference: within twice the first bound
  std::string what;    ///< "with Q*4 and K/4"
  /// Which element of the base result an element of the changed one belongs to; nothing: it is not compared.
  std::function<std::optional<std::int64_t>(const Index&, std::int64_t flat)> partner;
};

/// The first element where the relation does not hold, as a sentence.
std::optional<std::string> firstBroken(const Setting& setting, const Result& base, const Result& changed,
                                       const Relation& relation);

/// Attention whose scores are a dot product and a causal mask, nothing else.
bool isPlainAttention(const Setting& setting);
/// "none", "bottom-right" or "top-left".
std::string causalOf(const Setting& setting);
/// How many keys a query sees.
std::int64_t visibleKeys(const Setting& setting, std::int64_t query);

} // namespace kverify::properties
