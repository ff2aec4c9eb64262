#pragma once
// What a tool was given, held against its input schema.
#include <string>

#include <nlohmann/json.hpp>

#include "kverify/error.h"

namespace kverify::mcp {

using Json = nlohmann::ordered_json;

/// `schema` is flat: an object whose properties are strings, booleans, numbers, objects, or arrays of strings, and closed.
/// Errors: Input, with the argument and the nearest known one.
Expected<void> checkArguments(const Json& schema, const Json& arguments);

} // namespace kverify::mcp
