// bash: one function that finds the command and what is being typed, and a table of what can stand there.
#include <fmt/format.h>

#include "cli/completions.h"

namespace kverify::cli {
namespace {

constexpr const char* kHead = R"(# Completions of kverify for bash, written by `kverify completions bash`.

# The word and the one before it. bash splits at '=': `--format=js` and `--report html=o` are three words for it.
_kverify_values() {
  if [[ $1 == , ]]; then # several values in one word: what is behind the last comma
    local given=
    [[ $cur == *,* ]] && given=${cur%,*},
    shift
    mapfile -t COMPREPLY < <(compgen -P "$given" -W "$*" -- "${cur##*,}")
    compopt -o nospace 2>/dev/null
  else
    mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur")
  fi
}

_kverify_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_kverify_format_file() {
  mapfile -t COMPREPLY < <(compgen -S = -W "$*" -- "$cur")
  if ((${#COMPREPLY[@]})); then
    compopt -o nospace 2>/dev/null
  else
    _kverify_files -f
  fi
}

_kverify() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev= command= i
  ((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]] && ((COMP_CWORD > 1)); then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
    [[ $prev != -* ]] && prev==
  fi
  [[ ${COMP_WORDS[COMP_CWORD]} == = && $prev != -* ]] && prev==
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [[ ${COMP_WORDS[i]} == -- ]]; then # what follows goes to clang
      _kverify_files -f
      return
    fi
    [[ -z $command && ${COMP_WORDS[i]} != -* ]] && command=${COMP_WORDS[i]}
  done
  if [[ $prev == = ]]; then # behind FORMAT=
    _kverify_files -f
    return
  fi
  case $command in
)";

constexpr const char* kTail = R"(  esac
}

complete -F _kverify kverify
)";

/// What completes a value; empty where any text can stand.
std::string values(const Argument& argument) {
  std::string words = fmt::format("{}", fmt::join(argument.choices, " "));
  switch (argument.kind) {
  case ValueKind::None: return {};
  case ValueKind::Text: return "compopt -o default 2>/dev/null";
  case ValueKind::Number: return ":";
  case ValueKind::Choice:
  case ValueKind::CheckId: return fmt::format("_kverify_values {}{}", argument.delimiter ? ", " : "", words);
  case ValueKind::File: return "_kverify_files -f";
  case ValueKind::Folder: return "_kverify_files -d";
  case ValueKind::FormatFile: return "_kverify_format_file " + words;
  }
  return {};
}

/// The body of one command's branch: values of its options, else the options, else its positionals.
std::string branch(const Command& command) {
  std::string text, words;
  for (const Argument& option : command.options) {
    for (const std::string& name : option.names)
      words += (words.empty() ? "" : " ") + name;
    if (std::string how = values(option); !how.empty())
      text += fmt::format("    {}) {}; return ;;\n", fmt::join(option.names, " | "), how);
  }
  if (!text.empty())
    text = "    case $prev in\n" + text + "    esac\n";
  std::string positional = command.positionals.empty() ? std::string() : values(command.positionals.front());
  for (const Command& sub : command.subcommands)
    positional += (positional.empty() ? "_kverify_values " : " ") + sub.name;
  text += fmt::format("    if [[ $cur == -* ]]; then\n      _kverify_values {}\n", words);
  if (!positional.empty())
    text += fmt::format("    else\n      {}\n", positional);
  return text + "    fi\n    ;;\n";
}

} // namespace

std::string bashCompletions(const Command& program) {
  std::string text = kHead;
  text += "  '')\n" + branch(program);
  for (const Command& command : program.subcommands)
    text += fmt::format("  {})\n{}", command.name, branch(command));
  return text + kTail;
}

} // namespace kverify::cli
