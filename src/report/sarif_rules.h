#pragma once
// Checks as SARIF rules, and the weaknesses (CWE) that they are about.
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "kverify/report.h"

namespace kverify::report {

/// Rules of a run that are no checks.
inline constexpr const char* kInconclusiveRule = "verdict.inconclusive";
inline constexpr const char* kNotJudgedRule = "verdict.not-judged";

struct SarifRules {
  nlohmann::ordered_json rules = nlohmann::ordered_json::array();
  nlohmann::ordered_json taxonomies = nlohmann::ordered_json::array();
  std::map<std::string, std::size_t> index; ///< of a rule's id in `rules`
};

/// Every check that is built in, those of the report that are not, and the two rules above.
SarifRules sarifRules(const Report& report);

} // namespace kverify::report
