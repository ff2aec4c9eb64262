// kverify man [COMMAND]: prints a manual page, or writes all of them into a folder.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/manual.h"
#include "cli/subcommand.h"
#include "core/near_name.h"
#include "core/write_file.h"
#include "kverify/verdict.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;

struct ManFlags {
  std::string command, output;
};

constexpr const char* kExamples = R"(Examples:
  kverify man audit | man -l -               one page
  kverify man --output ~/.local/share/man/man1   all of them, for man kverify-audit)";

int writeAll(const Command& program, const std::string& folder) {
  auto write = [&](const std::string& name, const std::string& page) {
    return writeWhole((fs::path(folder) / (name + ".1")).string(), page);
  };
  auto done = write(program.name, programPage(program));
  for (const Command& command : program.subcommands)
    if (done)
      done = write(program.name + "-" + command.name, commandPage(program, command));
  return done ? kExitCertified : complain(done.error());
}

int man(const CLI::App& app, const ManFlags& flags) {
  Command program = describe(app);
  if (!flags.output.empty())
    return writeAll(program, flags.output);
  if (flags.command.empty()) {
    fmt::print("{}", programPage(program));
    return kExitCertified;
  }
  std::vector<std::string> known;
  for (const Command& command : program.subcommands) {
    known.push_back(command.name);
    if (command.name != flags.command)
      continue;
    fmt::print("{}", commandPage(program, command));
    return kExitCertified;
  }
  std::string near = didYouMean(flags.command, known);
  return complain({ErrorKind::Usage, fmt::format("there is no command '{}'", flags.command), "",
                   near.empty() ? "kverify --help lists them" : near});
}

} // namespace

void addMan(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("man", "print a manual page, or write all of them");
  auto flags = std::make_shared<ManFlags>();
  sub->add_option("COMMAND", flags->command, "the command whose page is wanted (default: of kverify itself)");
  sub->add_option("--output", flags->output, "write every page into this folder, as NAME.1")->type_name("DIR");
  sub->footer(kExamples);
  sub->callback([&app, flags, &chosen] { chosen = [&app, flags](const Invocation&) { return man(app, *flags); }; });
}

} // namespace kverify::cli
