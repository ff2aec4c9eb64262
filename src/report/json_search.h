#pragma once
// What the fuzz stage tried and reached, as part of a kernel's JSON report.
#include <nlohmann/json.hpp>

#include "kverify/report.h"

namespace kverify::report {

nlohmann::ordered_json searchToJson(const Search& search);

/// Throws nlohmann's exceptions where something is missing or of the wrong type.
Search searchFromJson(const nlohmann::ordered_json& j);

} // namespace kverify::report
