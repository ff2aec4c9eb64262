#pragma once
// The tools' descriptions and schemas.
#include <nlohmann/json.hpp>

namespace kverify::mcp {

using Json = nlohmann::ordered_json;

/// {name, title, description, inputSchema, outputSchema, annotations} of each.
const Json& describedTools();

} // namespace kverify::mcp
