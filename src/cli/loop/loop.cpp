// kverify loop: any command proposes kernels, each is audited and timed, and only a certified one is ever best.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/interrupt.h"
#include "cli/loop/run.h"
#include "cli/options.h"
#include "cli/subcommand.h"
#include "kverify/verdict.h"

namespace kverify::cli {

namespace {

struct LoopFlags {
  loop::LoopOptions options;
  std::string propose_limit = "5m", bench_limit = "10m", format = "text";
  bool quiet = false;
};

constexpr const char* kExamples = R"(Examples:
  kverify loop --propose scripts/propose/flash_template.py --spec attention.forward --rounds 12
  kverify loop --propose 'my-model --json' --spec softmax --start softmax.cu --rounds 20
  kverify loop --propose ./p.py --spec softmax --contract c.json --bench ./time.sh --audit=--quick

The proposer reads JSON (specs/schema/propose.schema.json) and writes JSON (proposal.schema.json): it runs as you, with your
network and your files. Killed? The same command goes on where it was.

Exit codes: 0 a certified kernel is best, 2 usage or tool error, 3 none was certified.)";

int runLoop(LoopFlags flags, const Invocation& invocation, pipeline::StopSwitch& stop) {
  loop::LoopOptions& options = flags.options;
  auto propose = parseDuration(flags.propose_limit, "--propose-limit");
  auto bench = parseDuration(flags.bench_limit, "--bench-limit");
  for (const auto* duration : {&propose, &bench})
    if (!*duration)
      return complain(duration->error());
  options.proposer.seconds = *propose;
  options.judge.bench_seconds = *bench;
  options.judge.clang_flags = invocation.clang_flags;
  options.judge.stop = [&stop] { return static_cast<bool>(stop.stop); };
  options.version = KVERIFY_VERSION;
  if (options.journal.empty())
    options.journal = options.output + "/journal.jsonl";
  bool quiet = flags.quiet;
  options.say = [quiet](const std::string& line) {
    if (!quiet)
      fmt::print(stderr, "kverify: {}\n", line);
  };
  auto prepared = loop::Loop::prepare(options);
  if (!prepared)
    return complain(prepared.error());
  if (auto done = (*prepared)->run(); !done)
    return complain(done.error());
  const loop::History& history = (*prepared)->history();
  fmt::print("{}", flags.format == "json" ? loop::historyJson(history) : loop::historyTable(history));
  if ((*prepared)->interrupted())
    return kExitInconclusive;
  return loop::bestOf(history.rounds, history.margin) ? kExitCertified : kExitInconclusive;
}

} // namespace

void addLoop(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("loop", "let a program propose kernels, audit and time each, keep the best that is certified");
  auto flags = std::make_shared<LoopFlags>();
  loop::LoopOptions& options = flags->options;
  options.output = "out/loop";
  sub->add_option("--propose", options.proposer.command, "the command that proposes, for /bin/sh: JSON in, a kernel out")->required();
  sub->add_option("--spec", options.spec, "the operation: a name of specs/, or a path that ends in .json")->required();
  sub->add_option("--rounds", options.rounds, "proposals at most")->check(CLI::Range(1u, 10000u))->capture_default_str();
  sub->add_option("--start", options.start, "a kernel to begin with (round 0), with its contract beside it");
  sub->add_option("--contract", options.contract,
                  "what every proposal must solve: all of it but launches and temporary tensors is fixed (default: that of --start, else "
                  "of the first proposal that is certified)");
  sub->add_option("--bench", options.judge.bench,
                  "a command that is given KERNEL.cu and CONTRACT.json and prints milliseconds (default: kverify bench, where a GPU is)");
  sub->add_option("--margin", options.margin, "with --bench: the part of the time by which a kernel must be faster")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  sub->add_option("--audit", options.judge.audit_flags, "a flag for kverify audit: --audit=--quick (may be repeated)")->allow_extra_args(false);
  sub->add_option("--journal", options.journal, "where each step is kept (default: OUTPUT/journal.jsonl)");
  sub->add_flag("--no-resume", options.afresh, "throw away what the journal holds");
  sub->add_option("--propose-limit", flags->propose_limit, "how long one proposal may take")->capture_default_str();
  sub->add_option("--bench-limit", flags->bench_limit, "how long one timing may take")->capture_default_str();
  sub->add_option("--give-up", options.give_up, "rounds without a proposal, one after the other, that end it")
      ->check(CLI::Range(1u, 1000u))
      ->capture_default_str();
  sub->add_option("--output", options.output, "folder of the rounds, best.cu, history.md, history.svg, loop.json")->capture_default_str();
  sub->add_option("--format", flags->format, "what is printed: text (the table) or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  sub->add_flag("-q,--quiet", flags->quiet, "no progress on stderr");
  sub->footer(kExamples);
  sub->callback([flags, &chosen] {
    chosen = [flags](const Invocation& invocation) { return runLoop(*flags, invocation, stopOnInterrupt()); };
  });
}

} // namespace kverify::cli
