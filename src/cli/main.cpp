// kverify: parses the command line and hands over to one subcommand.
#include <csignal>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/gate.h"
#include "cli/init.h"
#include "cli/options.h"
#include "cli/subcommand.h"
#include "core/near_name.h"
#include "kverify/verdict.h"
#include "report/text.h"

namespace kverify::cli {

int complain(const ToolError& error) {
  bool color = isatty(STDERR_FILENO) && !noColor();
  fmt::print(stderr, "{}", report::renderError(error, color));
  return kExitError;
}

namespace {

constexpr const char* kExamples = R"(Examples:
  kverify audit kernels/attention                 every kernel below a folder, each with its contract.json
  kverify audit flash.cu --block 64 --grid 2      one kernel without a contract
  kverify init flash.cu -o contract.json          its contract, from the host code that launches it
  kverify audit flash.cu -- -I include -DHEAD=64  flags after -- go to clang
  kverify audit kernels --report html=out/r.html  the same, and a page for a reviewer
  kverify gate --changed-since origin/main        what a change touches, under kverify.json
  kverify report out/r.json --format sarif        what an audit saved, in another format
  kverify diff old.json new.json                  what a change made new, fixed or weaker
  kverify audit DIR --shard 1/4 --format json     a quarter of a folder; kverify merge puts the reports together
  kverify certify flash.cu --key team.key         sign what an audit came to; kverify verify-cert checks it
  kverify replay out/KV1203-a91f.json             run a counterexample again
  kverify shadow flash.cu --domain dd             rounding errors, line by line
  kverify bench flash.cu                          time it on the GPU (--baseline: against another)
  kverify explain race.shared-read-write          what a check means and how to mend it
  kverify mcp                                     serves audits to a model, over the Model Context Protocol
  kverify loop --propose CMD --spec softmax       lets a program improve a kernel; only a verified one is ever best

Exit codes: 0 certified, 1 refuted, 2 usage or tool error, 3 inconclusive.)";

/// The words of the command line that a user may have meant: flags of the subcommand in use, or subcommands.
std::vector<std::string> knownWords(const CLI::App& app) {
  std::vector<std::string> words;
  const CLI::App* current = &app;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    words.push_back(sub->get_name());
    if (sub->parsed())
      current = sub;
  }
  if (current == &app)
    return words;
  words.clear();
  for (const CLI::Option* option : current->get_options())
    for (const std::string& name : option->get_lnames())
      words.push_back("--" + name);
  return words;
}

/// Turns what CLI11 says into our one sentence and the nearest valid word.
ToolError usageError(const CLI::App& app, const CLI::ParseError& error) {
  ToolError usage{.kind = ErrorKind::Usage, .message = error.what()};
  std::vector<std::string> extra = app.remaining(true);
  if (!extra.empty()) {
    usage.message = fmt::format("'{}' is not known here", extra[0]);
    usage.hint = didYouMean(extra[0], knownWords(app));
  }
  // CLI11: "--format: At Most 1 required but received 2".
  if (std::size_t at = usage.message.find(": At Most 1 required but received "); at != std::string::npos)
    usage.message = fmt::format("{} is given {} times, and takes one value", usage.message.substr(0, at), usage.message.substr(usage.message.rfind(' ') + 1));
  if (usage.hint.empty())
    usage.hint = "see kverify --help, or kverify COMMAND --help";
  return usage;
}

std::string joined(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  return fmt::format("kverify {}", fmt::join(words, " "));
}

int run(int argc, char** argv) {
  Invocation invocation;
  invocation.command = joined(argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) != "--")
      continue;
    invocation.clang_flags.assign(argv + i + 1, argv + argc);
    argc = i;
    break;
  }

  CLI::App app{"Can this CUDA kernel be merged? kverify audits it on a machine with no GPU.", "kverify"};
  app.set_version_flag("--version", "kverify " KVERIFY_VERSION);
  app.footer(kExamples);
  app.require_subcommand(1);
  Action chosen;
  addAudit(app, chosen);
  addGate(app, chosen);
  addBench(app, chosen);
  addReport(app, chosen);
  addDiff(app, chosen);
  addMerge(app, chosen);
  addCertify(app, chosen);
  addVerifyCert(app, chosen);
  addKeygen(app, chosen);
  addRerun(app, chosen);
  addInit(app, chosen);
  addReplay(app, chosen);
  addShadow(app, chosen);
  addMutate(app, chosen);
  addExplain(app, chosen);
  addListChecks(app, chosen);
  addLoop(app, chosen);
  addMcp(app, chosen);
  addDoctor(app, chosen);
  addCompletions(app, chosen);
  addMan(app, chosen);
  if (argc < 2) {
    fmt::print(stderr, "{}", app.help());
    return kExitError;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0)
      return app.exit(error); // --help, --version
    return complain(usageError(app, error));
  }
  return chosen(invocation);
}

} // namespace
} // namespace kverify::cli

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN); // a limit on the size of files is an error of write(), like a full disk
  return kverify::cli::run(argc, argv);
}
