#pragma once
// The command line as data: what completions and manual pages are written from, so that neither can lag behind --help.
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace kverify::cli {

/// What a value is, as far as a shell can help with it.
enum class ValueKind {
  None,       ///< a flag: takes no value
  Text,       ///< anything: shells fall back on file names
  Number,     ///< nothing that could be offered
  Choice,     ///< one of `choices` (several, where `delimiter` is set)
  File,       ///< a file or a folder
  Folder,     ///< a folder
  FormatFile, ///< FORMAT=FILE: one of `choices`, '=', a file
  CheckId,    ///< one of `choices`: the ids of all checks
};

/// One option or positional argument.
struct Argument {
  std::vector<std::string> names; ///< "-j", "--jobs"; of a positional the one word that stands for it: "PATH"
  std::string summary;
  std::string type;          ///< what the value is called: "FILE", "UINT", "text|json"; empty for a flag
  std::string environment;   ///< the variable that gives it where the command line does not; or empty
  std::string default_value; ///< empty: none, or none that is worth showing
  ValueKind kind = ValueKind::None;
  std::vector<std::string> choices;
  char delimiter = '\0'; ///< ',' where several values are given as one word
  bool required = false;
  bool repeatable = false;
};

/// A command with its arguments; the program itself is one, with subcommands.
struct Command {
  std::string name, summary;
  std::string footer; ///< what --help ends with: "Examples:" and more paragraphs
  std::vector<Argument> options, positionals;
  std::vector<Command> subcommands;
};

/// Reads the tree that CLI11 parses with. A value's kind is taken from its type name ("FILE", "DIR", "{a,b}") and its
/// IsMember checks; a positional without either is a file, since nearly all of ours are.
Command describe(const CLI::App& app);

/// The first long name ("--jobs"), or the first name where there is none.
const std::string& mainName(const Argument& argument);

} // namespace kverify::cli
