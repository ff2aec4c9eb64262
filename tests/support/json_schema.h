#pragma once
// As much of JSON Schema as our own schemas use; an unknown keyword is an error, so that none is ignored by mistake.
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace kverify::tests {

/// What is wrong with `document`, one sentence each with its JSON pointer; empty when it is valid.
std::vector<std::string> violations(const nlohmann::json& schema, const nlohmann::json& document);

} // namespace kverify::tests
