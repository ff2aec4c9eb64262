#include "cli/command_tree.h"

#include <algorithm>

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "kverify/check.h"

namespace kverify::cli {
namespace {

bool endsWith(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// "TEXT:{a,b}" is {"a", "b"}; nothing where the type name ends in no set.
std::vector<std::string> choicesIn(const std::string& type) {
  std::vector<std::string> choices;
  std::size_t open = type.rfind('{');
  if (open == std::string::npos || type.back() != '}')
    return choices;
  std::string inside = type.substr(open + 1, type.size() - open - 2);
  for (std::size_t begin = 0; begin <= inside.size();) {
    std::size_t end = std::min(inside.find(',', begin), inside.size());
    choices.push_back(inside.substr(begin, end - begin));
    begin = end + 1;
  }
  return choices;
}

std::vector<std::string> checkIds() {
  std::vector<std::string> ids;
  for (const CheckInfo* check : allChecks())
    ids.push_back(check->id);
  return ids;
}

void setKind(Argument& argument, const std::string& type, bool positional) {
  argument.choices = choicesIn(type);
  if (!argument.choices.empty())
    argument.kind = ValueKind::Choice;
  else if (positional && argument.names[0] == "ID")
    argument.kind = ValueKind::CheckId, argument.choices = checkIds();
  else if (type == "FORMAT=FILE")
    argument.kind = ValueKind::FormatFile;
  else if (endsWith(type, "DIR"))
    argument.kind = ValueKind::Folder;
  else if (positional || endsWith(type, "FILE") || endsWith(type, "PATH"))
    argument.kind = ValueKind::File;
  else
    argument.kind = type.starts_with("TEXT") ? ValueKind::Text : ValueKind::Number;
  argument.type = argument.kind == ValueKind::Choice ? fmt::format("{}", fmt::join(argument.choices, "|")) : type;
}

Argument describeOption(const CLI::Option& option) {
  Argument argument;
  bool positional = option.get_positional();
  if (positional)
    argument.names = {option.get_single_name()};
  for (const std::string& name : option.get_snames())
    argument.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames())
    argument.names.push_back("--" + name);
  argument.summary = option.get_description();
  argument.environment = option.get_envname();
  argument.default_value = option.get_default_str();
  if (argument.default_value.size() > 1 && argument.default_value.front() == '[') // a list, as CLI11 prints it
    argument.default_value = argument.default_value.substr(1, argument.default_value.size() - 2);
  argument.delimiter = option.get_delimiter();
  argument.required = option.get_required();
  argument.repeatable = option.get_items_expected_max() > 1;
  if (option.get_items_expected_max() > 0)
    setKind(argument, option.get_type_name(), positional);
  return argument;
}

/// A positional COMMAND of a subcommand is one of the others.
void nameCommands(Command& program) {
  for (Command& command : program.subcommands)
    for (Argument& argument : command.positionals) {
      if (argument.names[0] != "COMMAND")
        continue;
      argument.kind = ValueKind::Choice;
      for (const Command& other : program.subcommands)
        argument.choices.push_back(other.name);
      argument.type = fmt::format("{}", fmt::join(argument.choices, "|"));
    }
}

} // namespace

Command describe(const CLI::App& app) {
  Command command{.name = app.get_name(), .summary = app.get_description(), .footer = app.get_footer()};
  for (const CLI::Option* option : app.get_options())
    if (!option->get_group().empty()) // an option without a group is hidden
      (option->get_positional() ? command.positionals : command.options).push_back(describeOption(*option));
  for (Argument& option : command.options)
    if (option.kind == ValueKind::FormatFile)
      for (const Argument& other : command.options)
        if (mainName(other) == "--format")
          option.choices = other.choices;
  for (const CLI::App* sub : app.get_subcommands(nullptr))
    if (!sub->get_group().empty())
      command.subcommands.push_back(describe(*sub));
  nameCommands(command);
  return command;
}

const std::string& mainName(const Argument& argument) {
  for (const std::string& name : argument.names)
    if (name.starts_with("--"))
      return name;
  return argument.names.front();
}

} // namespace kverify::cli
