#include "cli/loop/task.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "contract/builtin_specs.h"
#include "contract/json_document.h"
#include "kverify/spec.h"

namespace kverify::loop {
namespace {

/// The contract without what a proposal may choose. Keys that say nothing to the audit are left out too.
Json shared(const Json& contract) {
  Json rest = contract;
  rest.erase("launches");
  rest.erase("$schema");
  Json tensors = Json::object();
  const Json all = contract.value("tensors", Json::object());
  for (const auto& [name, tensor] : all.items())
    if (!tensor.is_object() || tensor.value("access", Json()) != "temporary")
      tensors[name] = tensor;
  rest["tensors"] = tensors;
  return rest;
}

/// The first member in which they differ; empty where they do not. The order of keys is no difference.
std::string differenceOf(const Json& a, const Json& b, const std::string& at) {
  if (!a.is_object() || !b.is_object())
    return a == b ? "" : at;
  for (const auto& [name, value] : a.items()) {
    std::string below = b.contains(name) ? differenceOf(value, b[name], at + "/" + name) : at + "/" + name;
    if (!below.empty())
      return below;
  }
  for (const auto& [name, value] : b.items())
    if (!a.contains(name))
      return at + "/" + name;
  return {};
}

} // namespace

Expected<Task> taskOf(const std::string& name_or_path) {
  auto spec = loadSpec(name_or_path);
  if (!spec)
    return tl::unexpected(spec.error());
  Task task{.spec_name = name_or_path, .contract = nullptr};
  std::string text;
  for (const contract::BuiltinSpec& one : contract::builtinSpecs())
    if (one.name == name_or_path)
      text = one.text;
  if (text.empty()) {
    task.spec_name = std::filesystem::absolute(name_or_path).lexically_normal().string();
    std::ifstream in(name_or_path, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    text = bytes.str();
  }
  auto document = contract::parseJson(name_or_path, text);
  if (!document)
    return tl::unexpected(document.error());
  task.spec = document->root;
  return task;
}

Expected<Json> contractFor(const Task& task, const std::string& path, const std::string& text) {
  auto document = contract::parseJson(path, text);
  if (!document)
    return tl::unexpected(document.error());
  Json& contract = document->root;
  if (!contract.is_object())
    return fail(ErrorKind::Input, "a contract must be an object", path);
  if (!contract.contains("spec"))
    contract["spec"] = task.spec_name;
  std::string named = contract["spec"].is_string() ? contract["spec"].get<std::string>() : contract["spec"].dump();
  bool same_file = named.ends_with(".json") &&
                   std::filesystem::absolute(std::filesystem::path(path).parent_path() / named).lexically_normal() == task.spec_name;
  if (named != task.spec_name && !same_file)
    return fail(ErrorKind::Input, fmt::format("the contract is of '{}' and not of '{}'", named, task.spec_name), path);
  contract["spec"] = task.spec_name;
  if (task.contract.is_null())
    return contract;
  std::string difference = differenceOf(shared(task.contract), shared(contract), "");
  if (!difference.empty())
    return fail(ErrorKind::Input, fmt::format("the contract differs from the given one at {}", difference), path,
                "only 'launches' and temporary tensors are the proposer's to choose");
  return contract;
}

} // namespace kverify::loop
