// specs/*.json -> Spec.
#include "kverify/spec.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "contract/builtin_specs.h"
#include "contract/json_document.h"
#include "contract/read_file.h"
#include "core/hash.h"
#include "core/near_name.h"

namespace kverify {
namespace {

using contract::JsonCursor;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

SpecRole readRole(const JsonCursor& at, const std::vector<std::string>& axes) {
  SpecRole role;
  at.expectKeys({"axes", "direction", "type", "optional", "broadcast", "summary"});
  role.name = at.key();
  for (const JsonCursor& axis : at.at("axes").elements()) {
    std::string name = axis.asOneOf(axes);
    if (contains(role.axes, name))
      axis.reject(fmt::format("the axis '{}' is given twice", name));
    role.axes.push_back(name);
  }
  role.output = at.at("direction").asOneOf({"in", "out"}) == "out";
  if (at.has("type"))
    role.integer = at.at("type").asOneOf({"float", "integer"}) == "integer";
  if (at.has("broadcast"))
    role.broadcast = at.at("broadcast").asBool();
  if (role.broadcast && role.output)
    at.at("broadcast").reject("an output can't be broadcast");
  if (at.has("optional"))
    role.optional = at.at("optional").asBool();
  if (at.has("summary"))
    role.summary = at.at("summary").asString();
  return role;
}

/// `true` and `false` may stand for one of the values.
std::string readAlias(const JsonCursor& at, const char* key, const std::vector<std::string>& values) {
  return at.has(key) ? at.at(key).asOneOf(values) : std::string();
}

SpecOption readOption(const JsonCursor& at, const std::vector<std::string>& axes) {
  SpecOption option;
  option.name = at.key();
  std::string type = at.at("type").asOneOf({"integer", "real", "choice"});
  if (at.has("summary"))
    option.summary = at.at("summary").asString();
  if (type != "choice") {
    at.expectKeys({"type", "default", "summary"});
    option.type = type == "real" ? SpecOption::Type::Real : SpecOption::Type::Integer;
    option.fallback = at.at("default").asExpr(type == "real" ? ExprMode::Real : ExprMode::Integer, &axes);
    return option;
  }
  option.type = SpecOption::Type::Choice;
  at.expectKeys({"type", "values", "true", "false", "summary"});
  for (const JsonCursor& value : at.at("values").elements(1))
    option.values.push_back(value.asString());
  option.if_true = readAlias(at, "true", option.values);
  option.if_false = readAlias(at, "false", option.values);
  return option;
}

} // namespace

const SpecRole* Spec::findRole(std::string_view role) const {
  for (const SpecRole& candidate : roles)
    if (candidate.name == role)
      return &candidate;
  return nullptr;
}

const SpecOption* Spec::findOption(std::string_view option) const {
  for (const SpecOption& candidate : options)
    if (candidate.name == option)
      return &candidate;
  return nullptr;
}

Expected<std::shared_ptr<const Spec>> parseSpec(const std::string& path, std::string_view text) {
  auto document = contract::parseJson(path, text);
  if (!document)
    return tl::unexpected<ToolError>(document.error());
  std::optional<ToolError> error;
  JsonCursor root(*document, error);
  root.expectKeys({"spec", "name", "oracle", "summary", "axes", "roles", "options", "constraints"});
  if (root.at("spec").asInteger() != 1)
    root.at("spec").reject("this program reads version 1 of the spec format");

  auto spec = std::make_shared<Spec>();
  spec->path = path;
  spec->sha256 = sha256Hex(text);
  spec->name = root.at("name").asString();
  spec->oracle = root.at("oracle").asString();
  spec->summary = root.at("summary").asString();
  std::vector<std::string> axes;
  for (const JsonCursor& axis : root.at("axes").members()) {
    axes.push_back(axis.key());
    spec->axes.emplace_back(axis.key(), axis.asString());
  }
  for (const JsonCursor& role : root.at("roles").members())
    spec->roles.push_back(readRole(role, axes));
  if (root.has("options"))
    for (const JsonCursor& option : root.at("options").members())
      spec->options.push_back(readOption(option, axes));
  if (root.has("constraints"))
    for (const JsonCursor& constraint : root.at("constraints").elements())
      spec->constraints.push_back(constraint.asExpr(ExprMode::Integer, &axes));
  if (error)
    return tl::unexpected<ToolError>(*error);
  return spec;
}

std::vector<std::string> builtinSpecNames() {
  std::vector<std::string> names;
  for (const contract::BuiltinSpec& spec : contract::builtinSpecs())
    names.emplace_back(spec.name);
  return names;
}

Expected<std::shared_ptr<const Spec>> loadSpec(const std::string& name_or_path, const std::string& relative_to) {
  for (const contract::BuiltinSpec& spec : contract::builtinSpecs()) {
    if (spec.name != name_or_path)
      continue;
    auto loaded = parseSpec(fmt::format("{}.json", spec.name), spec.text);
    if (!loaded)
      return loaded;
    auto copy = std::make_shared<Spec>(**loaded);
    copy->path = "built in";
    return copy;
  }
  if (!name_or_path.ends_with(".json")) {
    std::vector<std::string> names = builtinSpecNames();
    std::string hint = didYouMean(name_or_path, names);
    if (hint.empty())
      hint = fmt::format("built in are {}; a file's name ends in .json", fmt::join(names, ", "));
    return fail(ErrorKind::Input, fmt::format("no spec is called '{}'", name_or_path), {}, std::move(hint));
  }
  std::filesystem::path path = std::filesystem::path(relative_to) / name_or_path;
  auto text = contract::readFile(path.string());
  if (!text)
    return tl::unexpected<ToolError>(text.error());
  return parseSpec(path.string(), *text);
}

} // namespace kverify
