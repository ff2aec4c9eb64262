#include "cli/mcp/arguments.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/near_name.h"

namespace kverify::mcp {
namespace {

bool isA(const Json& value, const std::string& type) {
  if (type == "string")
    return value.is_string();
  if (type == "boolean")
    return value.is_boolean();
  if (type == "integer")
    return value.is_number_integer();
  if (type == "number")
    return value.is_number();
  if (type == "array")
    return value.is_array();
  return type == "object" && value.is_object();
}

/// "string", or the several that are allowed.
bool isOneOf(const Json& value, const Json& type) {
  if (type.is_string())
    return isA(value, type.get<std::string>());
  return std::any_of(type.begin(), type.end(), [&](const Json& one) { return isA(value, one.get<std::string>()); });
}

std::string textOf(const Json& type) {
  if (type.is_string())
    return type.get<std::string>();
  std::vector<std::string> words = type.get<std::vector<std::string>>();
  return fmt::format("{}", fmt::join(words, " or "));
}

Expected<void> checkOne(const std::string& name, const Json& rule, const Json& value) {
  auto wrong = [&](std::string message) { return fail(ErrorKind::Input, std::move(message), name); };
  if (!isOneOf(value, rule["type"]))
    return wrong(fmt::format("'{}' must be of type {}", name, textOf(rule["type"])));
  if (rule.contains("enum") && std::find(rule["enum"].begin(), rule["enum"].end(), value) == rule["enum"].end())
    return wrong(fmt::format("'{}' must be one of {}", name, rule["enum"].dump()));
  if (rule.contains("minimum") && value.get<double>() < rule["minimum"].get<double>())
    return wrong(fmt::format("'{}' must be at least {}", name, rule["minimum"].dump()));
  if (!rule.contains("items"))
    return {};
  for (const Json& element : value)
    if (auto checked = checkOne(name, rule["items"], element); !checked)
      return checked;
  return {};
}

} // namespace

Expected<void> checkArguments(const Json& schema, const Json& arguments) {
  const Json& properties = schema["properties"];
  std::vector<std::string> known;
  for (const auto& [name, rule] : properties.items())
    known.push_back(name);
  for (const auto& [name, value] : arguments.items()) {
    if (!properties.contains(name))
      return fail(ErrorKind::Input, fmt::format("there is no argument '{}'", name), name, didYouMean(name, known));
    if (auto checked = checkOne(name, properties[name], value); !checked)
      return checked;
  }
  for (const Json& name : schema.value("required", Json::array()))
    if (!arguments.contains(name.get<std::string>()))
      return fail(ErrorKind::Input, fmt::format("the argument '{}' is missing", name.get<std::string>()));
  return {};
}

} // namespace kverify::mcp
