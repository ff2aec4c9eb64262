#include "tests/support/json_schema.h"

#include <algorithm>
#include <regex>
#include <set>

namespace kverify::tests {
namespace {

using Json = nlohmann::json;

class Validator {
public:
  explicit Validator(const Json& root) : root_(root) {}

  void visit(const Json& schema, const Json& value, const std::string& at) {
    if (schema.is_boolean())
      return require(schema.get<bool>(), at, "is not allowed");
    for (const auto& [keyword, rule] : schema.items())
      apply(keyword, rule, schema, value, at);
  }

  std::vector<std::string> found;

private:
  void require(bool holds, const std::string& at, const std::string& what) {
    if (!holds)
      found.push_back((at.empty() ? "/" : at) + " " + what);
  }

  static bool hasType(const Json& value, const std::string& type) {
    if (type == "object")
      return value.is_object();
    if (type == "array")
      return value.is_array();
    if (type == "string")
      return value.is_string();
    if (type == "boolean")
      return value.is_boolean();
    if (type == "null")
      return value.is_null();
    if (type == "integer")
      return value.is_number_integer();
    return type == "number" && value.is_number();
  }

  void apply(const std::string& keyword, const Json& rule, const Json& schema, const Json& value,
             const std::string& at) {
    static const std::set<std::string> silent = {"$schema", "$id",      "title",     "description",
                                                 "$defs",   "$comment", "properties"};
    if (keyword == "type") {
      Json types = rule.is_array() ? rule : Json::array({rule});
      bool any = std::any_of(types.begin(), types.end(), [&](const Json& t) { return hasType(value, t); });
      require(any, at, "should be " + rule.dump() + ", is " + value.dump().substr(0, 40));
    } else if (keyword == "const") {
      require(value == rule, at, "should be " + rule.dump());
    } else if (keyword == "enum") {
      require(std::find(rule.begin(), rule.end(), value) != rule.end(), at, "should be one of " + rule.dump());
    } else if (keyword == "minimum") {
      require(!value.is_number() || value.get<double>() >= rule.get<double>(), at, "should be at least " + rule.dump());
    } else if (keyword == "required") {
      for (const Json& key : rule)
        require(!value.is_object() || value.contains(key.get<std::string>()), at, "lacks " + key.dump());
    } else if (keyword == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i)
        visit(rule, value[i], at + "/" + std::to_string(i));
    } else if (keyword == "minItems" || keyword == "maxItems") {
      bool fits =
          keyword == "minItems" ? value.size() >= rule.get<std::size_t>() : value.size() <= rule.get<std::size_t>();
      require(!value.is_array() || fits, at, "breaks " + keyword + " " + rule.dump());
    } else if (keyword == "uniqueItems") {
      std::set<Json> items = value.is_array() ? std::set<Json>(value.begin(), value.end()) : std::set<Json>();
      require(!value.is_array() || items.size() == value.size(), at, "has an item twice");
    } else if (keyword == "pattern") {
      bool fits = !value.is_string() || std::regex_search(value.get<std::string>(),
                                                          std::regex(rule.get<std::string>(), std::regex::ECMAScript));
      require(fits, at, "does not match " + rule.dump());
    } else if (keyword == "propertyNames") {
      if (value.is_object())
        for (const auto& [key, sub] : value.items())
          visit(rule, Json(key), at + "/" + key);
    } else if (keyword == "oneOf") {
      visitOneOf(rule, value, at);
    } else if (keyword == "additionalProperties") {
      visitOthers(rule, schema, value, at);
    } else if (keyword == "$ref") {
      visit(root_.at(Json::json_pointer(rule.get<std::string>().substr(1))), value, at);
    } else {
      require(silent.count(keyword) > 0, at, "meets the keyword '" + keyword + "', which this validator does not know");
    }
    if (keyword == "properties" && value.is_object())
      for (const auto& [key, sub] : rule.items())
        if (value.contains(key))
          visit(sub, value[key], at + "/" + key);
  }

  void visitOneOf(const Json& alternatives, const Json& value, const std::string& at) {
    std::size_t fitting = 0;
    for (const Json& alternative : alternatives) {
      Validator inner(root_);
      inner.visit(alternative, value, at);
      fitting += inner.found.empty();
    }
    require(fitting == 1, at, "fits " + std::to_string(fitting) + " of the alternatives of oneOf");
  }

  void visitOthers(const Json& rule, const Json& schema, const Json& value, const std::string& at) {
    if (!value.is_object())
      return;
    const Json named = schema.value("properties", Json::object());
    for (const auto& [key, sub] : value.items())
      if (!named.contains(key))
        visit(rule, sub, at + "/" + key);
  }

  const Json& root_;
};

} // namespace

std::vector<std::string> violations(const Json& schema, const Json& document) {
  Validator validator(schema);
  validator.visit(schema, document, "");
  return validator.found;
}

} // namespace kverify::tests
