// kverify completions SHELL: prints the completion script of a shell.
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cli/completions.h"
#include "cli/subcommand.h"
#include "kverify/verdict.h"

namespace kverify::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  kverify completions bash > ~/.local/share/bash-completion/completions/kverify
  kverify completions zsh > ~/.zfunc/_kverify        with 'fpath+=~/.zfunc' before compinit in ~/.zshrc
  kverify completions fish > ~/.config/fish/completions/kverify.fish

The Debian package and 'cmake --install' put all three where the shells look.)";

int printCompletions(const CLI::App& app, const std::string& shell) {
  Command program = describe(app);
  std::string script = shell == "bash"  ? bashCompletions(program)
                       : shell == "zsh" ? zshCompletions(program)
                                        : fishCompletions(program);
  fmt::print("{}", script);
  return kExitCertified;
}

} // namespace

std::string shellQuoted(const std::string& text) {
  std::string quoted = "'";
  for (char c : text)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string shortened(const std::string& summary, std::size_t limit) {
  std::string text = summary.substr(0, summary.find('\n'));
  if (text.size() <= limit)
    return text;
  std::size_t end = limit;
  for (const char* stop : {": ", "; ", ", ", " ("})
    if (std::size_t at = text.rfind(stop, limit); at != std::string::npos && at > limit / 3) {
      end = at;
      break;
    }
  if (end == limit && text.rfind(' ', limit) != std::string::npos)
    end = text.rfind(' ', limit);
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return text.substr(0, end);
}

void addCompletions(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("completions", "print a completion script for a shell");
  auto shell = std::make_shared<std::string>();
  sub->add_option("SHELL", *shell, "whose completions")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  sub->footer(kExamples);
  sub->callback(
      [&app, shell, &chosen] { chosen = [&app, shell](const Invocation&) { return printCompletions(app, *shell); }; });
}

} // namespace kverify::cli
