// A path as a contract to read, to edit and to audit with.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "frontend/host/facts.h"
#include "frontend/host/term.h"

namespace kverify::frontend::host {
namespace {

using Json = nlohmann::ordered_json;

Json jsonOf(const Term& term) {
  if (auto constant = constantOf(term))
    return *constant;
  return textOf(term);
}

Json listOf(const std::vector<Term>& terms) {
  Json list = Json::array();
  for (const Term& term : terms)
    list.push_back(jsonOf(term));
  return list;
}

Json jsonOf(const HostArg& arg, const HostPath& path) {
  switch (arg.kind) {
  case HostArg::Kind::Tensor:
    if (!arg.term)
      return path.tensors[arg.tensor].name;
    return Json{{"tensor", path.tensors[arg.tensor].name}, {"offset", jsonOf(arg.term)}};
  case HostArg::Kind::Integer: return jsonOf(arg.term);
  case HostArg::Kind::Real:
    if (arg.term)
      return textOf(arg.term);
    return arg.real;
  case HostArg::Kind::Null: return nullptr;
  case HostArg::Kind::Struct: {
    Json fields = Json::object();
    for (const auto& [name, field] : arg.fields)
      fields[name] = jsonOf(field, path);
    return Json{{"struct", fields}};
  }
  }
  return nullptr;
}

Json sizesOf(const HostPath& path) {
  Json sizes = Json::object();
  for (const HostSize& size : path.sizes) {
    if (size.equals)
      sizes[size.name] = {{"equals", jsonOf(size.equals)}};
    else
      sizes[size.name] = {{"range", {size.low, size.high}}};
  }
  return sizes;
}

Json tensorsOf(const HostPath& path) {
  Json tensors = Json::object();
  for (const HostTensor& tensor : path.tensors) {
    Json& one = tensors[tensor.name];
    one = {{"dtype", tensor.dtype}, {"shape", listOf(tensor.shape)}, {"access", tensor.access}};
    if (!path.spec.empty()) {
      if (!tensor.output_role.empty())
        one["role"] = {tensor.role, tensor.output_role};
      else
        one["role"] = tensor.role.empty() ? Json(nullptr) : Json(tensor.role);
      if (!tensor.role.empty())
        one["axes"] = tensor.axes;
    }
    if (tensor.holds)
      one["holds"] = {{"range", {tensor.holds->first, tensor.holds->second}}};
  }
  return tensors;
}

std::vector<Term> trimmed(std::vector<Term> dims) {
  while (dims.size() > 1 && constantOf(dims.back()) == 1)
    dims.pop_back();
  return dims;
}

Json launchesOf(const HostPath& path) {
  Json launches = Json::array();
  for (const HostLaunch& launch : path.launches) {
    Json one = {{"kernel", launch.kernel}, {"args", Json::array()}};
    for (const HostArg& arg : launch.args)
      one["args"].push_back(jsonOf(arg, path));
    one["grid"] = listOf(trimmed(launch.grid));
    one["block"] = listOf(trimmed(launch.block));
    if (constantOf(launch.shared) != 0)
      one["shared"] = jsonOf(launch.shared);
    launches.push_back(std::move(one));
  }
  return launches;
}

std::string at(unsigned line) {
  return line ? fmt::format(" (line {})", line) : "";
}

std::string comments(const HostPath& path, const std::string& source) {
  std::string text;
  if (!source.empty())
    text += fmt::format("// From the host code of {}: '{}', line {}{}.\n", source, path.entry, path.line,
                        path.way.empty() ? "" : "; where " + path.way);
  for (const HostSize& size : path.sizes)
    text += fmt::format("// {}: {} is {}{}\n", nameOf(size.certainty), size.name, size.meaning, at(size.line));
  for (const HostTensor& tensor : path.tensors)
    text += fmt::format("// {}: {} is {}{}\n", nameOf(tensor.certainty), tensor.name, tensor.meaning, at(tensor.line));
  for (const HostLaunch& launch : path.launches)
    text += fmt::format("// derived: {} is launched{}\n", launch.kernel, at(launch.line));
  for (const Fact& fact : path.facts)
    text += fmt::format("// {}: {}{}\n", nameOf(fact.certainty), fact.text, at(fact.line));
  for (const Guess& guess : path.guesses)
    text += fmt::format("// TO CHECK: {}\n", guess.text);
  return text;
}

/// One line each for sizes, tensors and launches: this is for editing by hand.
std::string block(const char* key, const Json& value, bool is_last) {
  std::string text = fmt::format("  \"{}\": {}\n", key, value.is_object() ? "{" : "[");
  std::size_t left = value.size();
  for (const auto& [name, one] : value.items()) {
    --left;
    text += value.is_object() ? fmt::format("    {}: {}{}\n", Json(name).dump(), one.dump(), left ? "," : "")
                              : fmt::format("    {}{}\n", one.dump(), left ? "," : "");
  }
  return text + fmt::format("  {}{}\n", value.is_object() ? "}" : "]", is_last ? "" : ",");
}

} // namespace

std::string contractText(const HostPath& path, const std::string& source) {
  std::string text = comments(path, source);
  text += "{\n  \"contract\": 1,\n";
  if (!path.spec.empty())
    text += fmt::format("  \"spec\": {},\n", Json(path.spec).dump());
  text += block("sizes", sizesOf(path), false);
  text += block("tensors", tensorsOf(path), false);
  if (!path.options.empty())
    text += block("options", Json(path.options), false);
  if (!path.precision.empty())
    text += fmt::format("  \"precision\": {},\n", Json(path.precision).dump());
  text += block("launches", launchesOf(path), path.requirements.empty());
  if (!path.requirements.empty())
    text += block("requires", listOf(path.requirements), true);
  return text + "}\n";
}

} // namespace kverify::frontend::host
