#include "frontend/host/bind.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "core/near_name.h"
#include "frontend/host/bind_axes.h"
#include "frontend/host/bind_words.h"
#include "frontend/host/term.h"

namespace kverify::frontend::host {
namespace {

/// Choices of which the host code shows nothing are read in every way; others are as the spec says where nobody says anything.
bool isRead(const std::string& option) {
  for (const char* one : {"causal", "function", "combine", "operation", "activation", "style", "reduction"})
    if (option == one)
      return true;
  return false;
}

tl::unexpected<ToolError> notBound(const std::string& why, const std::string& hint) {
  return fail(ErrorKind::Input, why, "--spec", hint);
}

/// Which tensors play which roles.
class Roles {
public:
  Roles(HostPath& path, const Spec& spec) : path_(path), spec_(spec) {}

  Expected<void> assign() {
    for (const SpecRole& role : spec_.roles)
      if (auto named = byName(role); !named)
        return named;
    for (const SpecRole& role : spec_.roles)
      if (!role.optional && !taken(role.name))
        if (auto left = byElimination(role); !left)
          return left;
    for (const HostTensor& tensor : path_.tensors)
      if (tensor.role.empty() && tensor.of_caller && tensor.access == "read")
        return notBound(fmt::format("'{}' plays no part in {} that its name tells", tensor.name, spec_.name),
                        "write the contract: kverify init begins it");
    return {};
  }

private:
  bool taken(const std::string& role) const {
    return std::any_of(path_.tensors.begin(), path_.tensors.end(),
                       [&](const HostTensor& tensor) { return tensor.role == role || tensor.output_role == role; });
  }
  bool canPlay(const HostTensor& tensor, const SpecRole& role) const {
    bool integer = tensor.dtype == "i32" || tensor.dtype == "i64" || tensor.dtype == "u8";
    return tensor.role.empty() && integer == role.integer && (role.output ? tensor.access != "read" : tensor.of_caller);
  }
  std::vector<HostTensor*> players(const SpecRole& role, bool named) {
    std::vector<HostTensor*> all;
    for (HostTensor& tensor : path_.tensors)
      if (canPlay(tensor, role) && (!named || namesRole(tensor.name, spec_, role)))
        all.push_back(&tensor);
    return all;
  }
  Expected<void> give(const std::vector<HostTensor*>& players, const SpecRole& role) {
    if (players.size() == 1) {
      players[0]->role = role.name;
      return {};
    }
    std::vector<std::string> names;
    for (const HostTensor* one : players)
      names.push_back("'" + one->name + "'");
    return notBound(names.empty() ? fmt::format("no tensor is seen that can be {} of {}", role.name, spec_.name)
                                  : fmt::format("which tensor is {} of {} is not certain: {}", role.name, spec_.name, fmt::join(names, " or ")),
                    "write the contract: kverify init begins it");
  }
  /// A name of the role itself comes before one of its other words.
  Expected<void> byName(const SpecRole& role) {
    std::vector<HostTensor*> all = players(role, true), exact;
    for (HostTensor* one : all)
      if (one->name == role.name)
        exact.push_back(one);
    if (exact.size() == 1)
      all = exact;
    return all.empty() ? Expected<void>{} : give(all, role);
  }
  /// What is left for the role; an input that the kernel may write is the output too, where there is no other.
  Expected<void> byElimination(const SpecRole& role) {
    std::vector<HostTensor*> left = players(role, false);
    if (role.output && left.empty()) {
      std::vector<HostTensor*> updated;
      for (HostTensor& tensor : path_.tensors)
        if (const SpecRole* before = spec_.findRole(tensor.role); before && tensor.access == "read_write" && before->axes == role.axes)
          updated.push_back(&tensor);
      if (updated.size() == 1) {
        updated[0]->output_role = role.name;
        return {};
      }
    }
    // What the caller gives is no output where something is allocated for it.
    if (role.output && std::any_of(left.begin(), left.end(), [](const HostTensor* one) { return !one->of_caller; }))
      std::erase_if(left, [](const HostTensor* one) { return one->of_caller; });
    return give(left, role);
  }

  HostPath& path_;
  const Spec& spec_;
};

/// The text of an argument's value, as an option would be given; empty where it is not known.
std::string valueOf(const HostArg& arg) {
  if (arg.kind == HostArg::Kind::Integer || (arg.kind == HostArg::Kind::Real && arg.term))
    return textOf(arg.term);
  return arg.kind == HostArg::Kind::Real ? textOf(decimal(arg.real)) : "";
}

/// Option values that the launches pass, or the caller gives.
Expected<void> passedOptions(HostPath& path, const Spec& spec, const GivenOptions& given) {
  std::map<std::string, std::string> found;
  std::set<std::string> used;
  for (const SpecOption& option : spec.options) {
    if (given.contains(option.name) || (option.type == SpecOption::Type::Choice && option.if_true.empty()))
      continue;
    std::set<std::string> values;
    for (const auto& [name, value] : path.given)
      if (namesOption(name, option.name) && option.type == SpecOption::Type::Real) {
        values = {textOf(decimal(value))};
        used.insert(name);
      }
    for (const HostLaunch& launch : path.launches)
      for (const HostArg& arg : launch.args)
        if (namesOption(arg.name, option.name) && !valueOf(arg).empty())
          values.insert(valueOf(arg));
    if (values.size() > 1)
      return notBound(fmt::format("which value of '{}' counts is not certain: {}", option.name, fmt::join(values, " or ")),
                      fmt::format("--spec-option {}=...", option.name));
    if (values.size() == 1)
      found[option.name] = *values.begin();
  }
  for (const auto& [name, value] : path.given)
    if (!used.contains(name) && std::none_of(given.begin(), given.end(), [&](const auto& one) { return namesOption(name, one.first); }))
      return notBound(fmt::format("the value '{}', which the caller gives, plays no part in {} that its name tells", name, spec.name),
                      "write the contract: kverify init begins it");
  for (const auto& [name, value] : found)
    path.options[name] = value;
  return {};
}

std::string namesIn(const HostPath& path) {
  std::string names = path.entry;
  for (const HostLaunch& launch : path.launches)
    names += " " + launch.kernel;
  return names;
}

/// Every reading multiplied by every value of the option.
void branch(std::vector<Reading>& readings, const std::string& option, const std::vector<std::string>& values) {
  std::vector<Reading> all;
  for (const std::string& value : values) // outermost: the likeliest value comes first with every layout
    for (const Reading& one : readings) {
      all.push_back(one);
      all.back().path.options[option] = value;
      if (values.size() > 1)
        all.back().open.push_back(fmt::format("{} is {}", option, value));
    }
  readings = std::move(all);
}

Expected<void> openChoices(std::vector<Reading>& readings, const Spec& spec, const GivenOptions& given) {
  const HostPath& path = readings.front().path;
  std::string names = namesIn(path);
  bool has_z = std::any_of(path.tensors.begin(), path.tensors.end(), [](const HostTensor& tensor) { return tensor.role == "z"; });
  for (const SpecOption& option : spec.options) {
    if (option.type != SpecOption::Type::Choice || given.contains(option.name) || readings.front().path.options.contains(option.name) || !isRead(option.name))
      continue;
    if (option.name == "combine" && !has_z)
      continue;
    std::vector<std::string> values = valuesNamed(names, option);
    if (values.empty() && option.name == "activation")
      continue;
    if (option.name == "causal" || option.name == "activation") // also what no name says
      for (const std::string& value : option.values)
        if ((value == "none" || option.name == "causal") && std::find(values.begin(), values.end(), value) == values.end())
          values.push_back(value);
    if (values.empty())
      values = option.values;
    if (values.size() > 4)
      return notBound(fmt::format("'{}' of {} is not said by any name", option.name, spec.name),
                      fmt::format("--spec-option {}=..., one of {}", option.name, fmt::join(option.values, ", ")));
    branch(readings, option.name, values);
  }
  return {};
}

} // namespace

Expected<void> checkOptions(const Spec& spec, const GivenOptions& given) {
  for (const auto& [name, value] : given) {
    const SpecOption* option = spec.findOption(name);
    std::vector<std::string> known;
    for (const SpecOption& one : spec.options)
      known.push_back(one.name);
    if (!option) {
      std::string near = didYouMean(name, known);
      return fail(ErrorKind::Usage, fmt::format("{} has no option '{}'", spec.name, name), "--spec-option",
                  near.empty() ? fmt::format("its options are {}", fmt::join(known, ", ")) : near);
    }
    bool alias = (value == "true" && !option->if_true.empty()) || (value == "false" && !option->if_false.empty());
    bool is_choice = option->type == SpecOption::Type::Choice;
    if (is_choice && !alias && std::find(option->values.begin(), option->values.end(), value) == option->values.end()) {
      std::string near = didYouMean(value, option->values);
      return fail(ErrorKind::Usage, fmt::format("'{}' is no value of '{}'", value, name), "--spec-option",
                  near.empty() ? fmt::format("its values are {}", fmt::join(option->values, ", ")) : near);
    }
  }
  return {};
}

Expected<std::vector<Reading>> bindSpec(const HostPath& path, const Spec& spec, const GivenOptions& given) {
  if (auto checked = checkOptions(spec, given); !checked)
    return tl::unexpected(checked.error());
  HostPath bound = path;
  bound.spec = spec.path == "built in" ? spec.name : spec.path;
  if (auto roles = Roles(bound, spec).assign(); !roles)
    return tl::unexpected(roles.error());
  for (const auto& [name, value] : given) {
    const SpecOption* option = spec.findOption(name);
    bool is_choice = option->type == SpecOption::Type::Choice;
    bound.options[name] = is_choice && value == "true" && !option->if_true.empty()     ? option->if_true
                          : is_choice && value == "false" && !option->if_false.empty() ? option->if_false
                                                                                       : value;
  }
  if (auto passed = passedOptions(bound, spec, given); !passed)
    return tl::unexpected(passed.error());
  auto readings = withAxes(bound, spec);
  if (!readings)
    return tl::unexpected(readings.error());
  if (auto choices = openChoices(*readings, spec, given); !choices)
    return tl::unexpected(choices.error());
  if (readings->size() > kMostReadings)
    return notBound(fmt::format("the host code can be read as {} in {} ways", spec.name, readings->size()),
                    "--spec-option says what is open, or write the contract: kverify init begins it");
  return readings;
}

} // namespace kverify::frontend::host
