// zsh: one function a command, each a call of _arguments, and one that chooses between them.
#include <fmt/format.h>

#include "cli/completions.h"

namespace kverify::cli {
namespace {

constexpr const char* kHelpers = R"(
# FORMAT=FILE: the formats, or files behind the '='.
_kverify_format_file() {
  if compset -P '*='; then
    _files
  else
    compadd -S = -q -- "$@"
  fi
}
)";

/// Within a spec of _arguments, brackets, colons and backslashes end something.
std::string specText(const std::string& text) {
  std::string escaped;
  for (char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\')
      escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string action(const Argument& argument) {
  std::string words = fmt::format("{}", fmt::join(argument.choices, " "));
  switch (argument.kind) {
  case ValueKind::None: return {};
  case ValueKind::Text: return "_default";
  case ValueKind::Number: return " "; // shows what is wanted, and offers nothing
  case ValueKind::Choice:
  case ValueKind::CheckId:
    return argument.delimiter ? fmt::format("_sequence compadd - {}", words) : fmt::format("({})", words);
  case ValueKind::File: return "_files";
  case ValueKind::Folder: return "_files -/";
  case ValueKind::FormatFile: return "_kverify_format_file " + words;
  }
  return {};
}

/// One spec for each name; names of one option exclude each other unless it may be repeated.
std::string optionSpecs(const Argument& argument) {
  std::string specs;
  for (const std::string& name : argument.names) {
    std::string spec = argument.repeatable ? "*" : fmt::format("({})", fmt::join(argument.names, " "));
    bool takes_value = argument.kind != ValueKind::None;
    spec += name + (takes_value && name.starts_with("--") ? "=" : "");
    spec += fmt::format("[{}]", specText(shortened(argument.summary)));
    if (takes_value)
      spec += fmt::format(":{}:{}", specText(argument.type.empty() ? "value" : shortened(argument.type, 40)),
                          action(argument));
    specs += fmt::format(" \\\n    {}", shellQuoted(spec));
  }
  return specs;
}

std::string arguments(const Command& command, const std::string& how = "-s -S") {
  std::string text = "  _arguments " + how;
  for (const Argument& option : command.options)
    text += optionSpecs(option);
  for (const Argument& positional : command.positionals)
    text += fmt::format(" \\\n    {}", shellQuoted(fmt::format("{}:{}:{}", positional.repeatable ? "*" : "",
                                                               specText(positional.names[0]), action(positional))));
  return text;
}

std::string functionName(const Command& command) {
  return "_kverify_command_" + command.name;
}

} // namespace

std::string zshCompletions(const Command& program) {
  std::string text = "#compdef kverify\n# Completions of kverify for zsh, written by `kverify completions zsh`.\n";
  text += kHelpers;
  for (const Command& command : program.subcommands)
    text += fmt::format("\n{}() {{\n{}\n}}\n", functionName(command), arguments(command));
  text += "\n_kverify_commands() {\n  local -a commands=(\n";
  for (const Command& command : program.subcommands)
    text += fmt::format("    {}\n", shellQuoted(specText(command.name) + ":" + shortened(command.summary)));
  text += "  )\n  _describe command commands\n}\n";
  text += "\n_kverify() {\n  local curcontext=$curcontext state line\n" + arguments(program, "-C -s -S");
  text += " \\\n    '1:command:_kverify_commands' \\\n    '*::argument:->argument'\n";
  text += "  if [[ $state == argument ]]; then\n    curcontext=${curcontext%:*}-$words[1]:\n"
          "    (( $+functions[_kverify_command_$words[1]] )) && _kverify_command_$words[1]\n  fi\n}\n";
  // As a file of $fpath it is called when first needed; sourced, it registers itself.
  text += "\nif [[ $funcstack[1] == _kverify ]]; then\n  _kverify \"$@\"\nelse\n  compdef _kverify kverify\nfi\n";
  return text;
}

} // namespace kverify::cli
