#include "report/outcome_table.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

namespace kverify::report {
namespace {

template <class... F>
struct Match : F... {
  using F::operator()...;
};

/// The finding itself is shown in full; its row only recalls it.
std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 72;
  return text.size() <= kMost ? text : text.substr(0, kMost - 3) + "...";
}

std::string detailOf(const Outcome& outcome) {
  return std::visit(Match{[](const Proved& p) { return p.scope; },
                          [](const Tested& t) {
                            std::string text = fmt::format("{} case{}", t.cases, t.cases == 1 ? "" : "s");
                            return t.worst_ratio
                                       ? text + fmt::format(", worst error {:.3g} of the bound", *t.worst_ratio)
                                       : text;
                          },
                          [](const Refuted& r) { return shortened(r.summary); },
                          [](const Unknown& u) {
                            // Its name says the code.
                            const bool said = u.code == unknown_reason::not_judged;
                            return u.detail.empty() ? u.code : said ? u.detail : u.code + ": " + u.detail;
                          }},
                    outcome);
}

/// Bad news first.
int rank(const std::string& outcome) {
  return outcome == "refuted" ? 0 : outcome == "unknown" ? 1 : outcome == unknown_reason::not_judged ? 2 : 3;
}

std::string familyOf(const std::string& check) {
  return check.substr(0, check.find('.'));
}

/// "numerics.bound", "race (6 checks)", "28 other checks" or "all 30 checks".
std::string labelOf(const std::vector<std::string>& checks, std::size_t of) {
  if (checks.size() == 1)
    return checks[0];
  if (checks.size() == of)
    return fmt::format("all {} checks", of);
  std::string family = familyOf(checks[0]);
  bool one_family =
      std::all_of(checks.begin(), checks.end(), [&](const std::string& check) { return familyOf(check) == family; });
  return one_family ? fmt::format("{} ({} checks)", family, checks.size())
                    : fmt::format("{} other checks", checks.size());
}

} // namespace

std::string outcomeName(const Outcome& outcome) {
  return std::visit(Match{[](const Proved&) { return "proved"; }, [](const Tested&) { return "tested"; },
                          [](const Refuted&) { return "refuted"; }, [](const Unknown&) { return "unknown"; }},
                    outcome);
}

std::string shownName(const Outcome& outcome) {
  const auto* unknown = std::get_if<Unknown>(&outcome);
  return unknown && unknown->code == unknown_reason::not_judged ? unknown->code : outcomeName(outcome);
}

std::vector<OutcomeRow> outcomeRows(std::span<const CheckOutcome> outcomes, bool all_checks) {
  // The key orders the rows; a row holds the checks that share it. What is alone in its row comes with its own id.
  using Key = std::tuple<int, std::string, std::string, std::string>;
  std::map<Key, std::vector<std::string>> groups;
  for (const CheckOutcome& o : outcomes) {
    std::string name = shownName(o.outcome);
    bool alone = all_checks || name == "refuted";
    groups[{rank(name), alone ? o.check : "", name, detailOf(o.outcome)}].push_back(o.check);
  }
  std::vector<OutcomeRow> rows;
  for (const auto& [key, checks] : groups)
    rows.push_back({labelOf(checks, outcomes.size()), std::get<2>(key), std::get<3>(key)});
  return rows;
}

} // namespace kverify::report
