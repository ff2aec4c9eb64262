#pragma once
// The outcomes of a kernel as rows of a table, equal ones folded together.
#include <span>
#include <string>
#include <vector>

#include "kverify/outcome.h"

namespace kverify::report {

struct OutcomeRow {
  std::string label;   ///< "numerics.bound", "race (6 checks)", "28 other checks" or "all 30 checks"
  std::string outcome; ///< "tested", "proved", "refuted", "unknown"
  std::string detail;  ///< "36 cases", "no spec: the contract names no operation"
};

/// The name of the outcome as reports spell it.
std::string outcomeName(const Outcome& outcome);
/// The same for people: an extra judge's Unknown that blocks nothing is "not judged".
std::string shownName(const Outcome& outcome);

/// Refuted rows first, then unknown, then the rest. Checks with equal outcomes share a row, unless `all_checks`.
std::vector<OutcomeRow> outcomeRows(std::span<const CheckOutcome> outcomes, bool all_checks);

} // namespace kverify::report
