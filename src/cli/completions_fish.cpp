// fish: one `complete` line for each command and option.
#include <fmt/format.h>

#include "cli/completions.h"

namespace kverify::cli {
namespace {

/// fish knows two escapes within single quotes: \' and \\.
std::string fishQuoted(const std::string& text) {
  std::string quoted = "'";
  for (char c : text)
    quoted += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return quoted + "'";
}

std::string values(const Argument& argument) {
  std::string words = fmt::format("{}", fmt::join(argument.choices, " "));
  switch (argument.kind) {
  case ValueKind::None: return {};
  case ValueKind::Number: return " -x";
  case ValueKind::Choice:
  case ValueKind::CheckId:
    return argument.delimiter ? fmt::format(" -x -a '(__fish_append , {})'", words) : fmt::format(" -x -a '{}'", words);
  case ValueKind::Text:
  case ValueKind::File: return " -r -F";
  case ValueKind::Folder: return " -x -a '(__fish_complete_directories)'";
  case ValueKind::FormatFile: {
    std::string formats;
    for (const std::string& choice : argument.choices)
      formats += (formats.empty() ? "" : " ") + choice + "=";
    return fmt::format(" -r -F -a '{}'", formats);
  }
  }
  return {};
}

std::string option(const Argument& argument, const std::string& condition) {
  std::string line = "complete -c kverify -n " + condition;
  for (const std::string& name : argument.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  return line + values(argument) + " -d " + fishQuoted(shortened(argument.summary)) + "\n";
}

} // namespace

std::string fishCompletions(const Command& program) {
  std::string text = "# Completions of kverify for fish, written by `kverify completions fish`.\n"
                     "complete -c kverify -f\n";
  for (const Command& command : program.subcommands)
    text += fmt::format("complete -c kverify -n __fish_use_subcommand -a {} -d {}\n", command.name,
                        fishQuoted(shortened(command.summary)));
  for (const Argument& argument : program.options)
    text += option(argument, "__fish_use_subcommand");
  for (const Command& command : program.subcommands) {
    std::string condition = fishQuoted("__fish_seen_subcommand_from " + command.name);
    text += "\n";
    if (!command.positionals.empty()) {
      const Argument& first = command.positionals.front();
      bool words = first.kind == ValueKind::Choice || first.kind == ValueKind::CheckId;
      text += fmt::format("complete -c kverify -n {} {}\n", condition,
                          words ? fmt::format("-a '{}'", fmt::join(first.choices, " ")) : std::string("-F"));
    }
    for (const Argument& argument : command.options)
      text += option(argument, condition);
  }
  return text;
}

} // namespace kverify::cli
