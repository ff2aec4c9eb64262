// kverify audit PATH…: the main job. Reads the flags, finds the jobs, runs each in its own process, prints the report.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/pipeline/audit.h"
#include "cli/pipeline/isolate.h"
#include "cli/subcommand.h"
#include "core/near_name.h"
#include "core/proof_cache.h"
#include "core/thread_pool.h"
#include "report/json.h"
#include "report/progress.h"
#include "report/text.h"
#include "verifier/smt/second_opinion.h"

namespace kverify::cli {
namespace {

using pipeline::Job;

struct AuditFlags {
  std::vector<std::string> paths;
  pipeline::JobQuery query;
  std::vector<std::string> args, stages{"static", "fuzz", "stability", "formal"};
  std::string block, grid, time_budget, budget = "auto", format = "text", color = "auto", cuda_headers = "auto", target = "sm_80";
  std::string equal_writes;
  std::string output = "out", require = "tests", formal_timeout = "10s", formal_budget = "60s", dump_smt2, cross_check;
  unsigned jobs = 0, cases = 36;
  std::uint32_t shared = 0;
  std::uint64_t seed = 1, step_limit = std::uint64_t{1} << 32;
  double oracle_floor = 0.9;
  std::string determinism = "report";
  unsigned schedules = 3;
  bool quick = false, no_saved_cases = false;
  bool verbose = false, quiet = false, no_cache = false, fix = false;
};

constexpr const char* kLaterStages[] = {"bench"};

Expected<pipeline::Stages> stagesFrom(const std::vector<std::string>& names) {
  pipeline::Stages stages{.fuzz = false, .formal = false, .lint = false};
  for (const std::string& name : names) {
    bool* known = name == "fuzz"        ? &stages.fuzz
                  : name == "formal"    ? &stages.formal
                  : name == "static"    ? &stages.lint
                  : name == "stability" ? &stages.stability
                                        : nullptr;
    if (known) {
      *known = true;
      continue;
    }
    bool later = std::find(std::begin(kLaterStages), std::end(kLaterStages), name) != std::end(kLaterStages);
    return fail(ErrorKind::Usage,
                later ? fmt::format("the stage '{}' is not built yet", name)
                      : fmt::format("there is no stage '{}'", name),
                "--stages", "what exists: static, fuzz, stability, formal");
  }
  stages.fuzz |= stages.stability; // the stress cases are set against what the fuzz stage drew
  return stages;
}

Expected<Policy> policyFrom(const std::string& require, const pipeline::Stages& stages) {
  auto known = parseRequire(require);
  if (!known)
    return fail(ErrorKind::Usage, fmt::format("'{}' can't be required", require), "--require",
                "tests, proof or unbounded-proof");
  if (*known != Require::Tests && !stages.formal)
    return fail(ErrorKind::Usage, fmt::format("--require {} needs the stage that proves", require), "--require",
                "add formal to --stages");
  return Policy{*known};
}

Expected<std::optional<contract::AssumeOptions>> launchFrom(const AuditFlags& flags) {
  if (flags.block.empty() && flags.grid.empty()) {
    if (flags.shared || !flags.args.empty())
      return fail(ErrorKind::Usage, "--shared and --arg are for a kernel without contract", "",
                  "give --block and --grid with them");
    return std::nullopt;
  }
  if (flags.block.empty())
    return fail(ErrorKind::Usage, "--grid was given without --block", "", "for example --block 128");
  contract::AssumeOptions launch{.dynamic_shared_bytes = flags.shared};
  auto block = parseDim(flags.block, "--block");
  if (!block)
    return tl::unexpected(block.error());
  auto grid = parseDim(flags.grid.empty() ? "1" : flags.grid, "--grid");
  if (!grid)
    return tl::unexpected(grid.error());
  launch.block = *block;
  launch.grid = *grid;
  for (const std::string& arg : flags.args) {
    std::size_t equals = arg.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorKind::Usage, fmt::format("'{}' is not name=value", arg), "--arg", "for example --arg n=1000");
    launch.args[arg.substr(0, equals)] = arg.substr(equals + 1);
  }
  return launch;
}

Expected<pipeline::FormalOptions> formalOptions(const AuditFlags& flags) {
  pipeline::FormalOptions formal;
  auto query = parseDuration(flags.formal_timeout, "--formal-timeout");
  if (!query)
    return tl::unexpected(query.error());
  auto kernel = parseDuration(flags.formal_budget, "--formal-budget");
  if (!kernel)
    return tl::unexpected(kernel.error());
  formal.query_ms = static_cast<unsigned>(std::clamp(*query, 0.001, 1e6) * 1000);
  formal.kernel_seconds = *kernel;
  formal.dump_smt2 = flags.dump_smt2;
  formal.second_solver = flags.cross_check;
  if (!flags.cross_check.empty() && verifier::versionOfProgram(flags.cross_check).empty())
    return fail(ErrorKind::Environment, fmt::format("there is no program '{}'", flags.cross_check), "--cross-check",
                "apt-get install " + flags.cross_check);
  if (flags.quick)
    formal.kernel_seconds = std::min(formal.kernel_seconds, 3.0);
  if (!flags.no_cache)
    formal.cache = ProofCache::defaultFolder();
  return formal;
}

Expected<pipeline::AuditOptions> auditOptions(const AuditFlags& flags, const Invocation& invocation) {
  pipeline::AuditOptions options;
  auto headers = parseHeaders(flags.cuda_headers);
  if (!headers)
    return tl::unexpected(headers.error());
  auto stages = stagesFrom(flags.stages);
  if (!stages)
    return tl::unexpected(stages.error());
  if (flags.fix && !stages->lint)
    return fail(ErrorKind::Usage, "only the static stage repairs something", "--fix", "add static to --stages");
  auto policy = policyFrom(flags.require, *stages);
  if (!policy)
    return tl::unexpected(policy.error());
  auto formal = formalOptions(flags);
  if (!formal)
    return tl::unexpected(formal.error());
  auto search = parseSearchBudget(flags.budget, "--budget");
  if (!search)
    return tl::unexpected(search.error());
  options.stages = *stages;
  options.formal = *formal;
  options.policy = *policy;
  if (!flags.equal_writes.empty())
    options.equal_writes = flags.equal_writes == "allow";
  options.compile = {.headers = *headers, .target = flags.target, .extra_flags = invocation.clang_flags};
  options.budget.cases = flags.cases;
  options.steps = flags.step_limit;
  options.seed = flags.seed;
  options.output = flags.output;
  options.search = *search;
  options.oracle_floor = flags.oracle_floor;
  options.schedules = flags.schedules;
  options.require_determinism = flags.determinism == "require";
  options.quick = flags.quick;
  if (flags.quick) {
    options.budget = {.cases = std::min<std::size_t>(flags.cases, 12), .work = 2e5, .large_work = 4e5};
    options.search.cases = std::min<std::size_t>(options.search.cases, 8);
  }
  if (!flags.no_saved_cases)
    options.saved_cases = flags.output + "/cases";
  options.fix = flags.fix;
  return options;
}

/// Whether it came through is asked once, at the end.
void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

std::vector<KernelReport> knownBefore(const std::vector<Job>& jobs) {
  std::vector<KernelReport> known;
  for (const Job& job : jobs)
    known.push_back({.file = job.source, .kernel = job.kernel, .contract = job.contract});
  return known;
}

std::vector<KernelReport> runJobs(const std::vector<Job>& jobs, const AuditFlags& flags,
                                  const pipeline::AuditOptions& base, double budget_seconds, pipeline::StopSwitch& stop,
                                  const report::TextOptions& text) {
  unsigned workers = flags.jobs ? flags.jobs : availableCores();
  report::Progress progress(flags.quiet ? report::Progress::Mode::Off : report::Progress::modeFor(stderr), stderr);
  pipeline::IsolateOptions isolate;
  isolate.children = std::min<std::size_t>(workers, jobs.size());
  isolate.stages = base.stages;
  isolate.stop = &stop;
  isolate.time_budget_seconds = budget_seconds;
  if (budget_seconds > 0) // what does not end by itself is ended: a budget is kept within a tenth
    isolate.grace_seconds = std::clamp(0.08 * budget_seconds, 0.5, 10.0);
  isolate.progress = [&](std::size_t jobs_done, std::size_t job, std::size_t done, std::size_t total) {
    std::string what = done < total ? fmt::format("case {} of {}", done, total) : "compiling or proving";
    progress.show(jobs_done, jobs.size(), fmt::format("{} ({})", jobs[job].source, what));
  };
  isolate.finished = [&](const KernelReport& kernel) {
    if (flags.format != "text")
      return;
    progress.clear();
    put(report::renderKernel(kernel, text) + "\n");
    std::fflush(stdout);
  };
  unsigned each = std::max<unsigned>(1, workers / static_cast<unsigned>(std::max<std::size_t>(1, isolate.children)));
  auto job = [&](std::size_t index, pipeline::StopSwitch& child_stop, const pipeline::Telling& tell) {
    pipeline::AuditOptions options = base;
    options.workers = each;
    options.stop = &child_stop;
    options.progress = tell.progress;
    options.so_far = tell.so_far;
    return pipeline::auditJob(jobs[index], options);
  };
  return pipeline::runIsolated(knownBefore(jobs), job, isolate);
}

int audit(const AuditFlags& flags, const Invocation& invocation) {
  auto start = std::chrono::steady_clock::now();
  pipeline::JobQuery query = flags.query;
  query.paths = flags.paths;
  auto launch = launchFrom(flags);
  if (!launch)
    return complain(launch.error());
  query.launch = *launch;
  auto seconds = parseDuration(flags.time_budget, "--time-budget");
  if (!seconds)
    return complain(seconds.error());
  auto options = auditOptions(flags, invocation);
  if (!options)
    return complain(options.error());
  query.needs_launch = options->stages.fuzz || options->stages.formal;
  auto jobs = pipeline::findJobs(query);
  if (!jobs)
    return complain(jobs.error());

  report::TextOptions text{.color = wantsColor(flags.color), .all_checks = flags.verbose, .lines = report::diskLines()};
  pipeline::StopSwitch& stop = stopOnInterrupt();
  Report report{.tool_version = KVERIFY_VERSION, .command = invocation.command, .seed = flags.seed};
  report.kernels = runJobs(*jobs, flags, *options, *seconds, stop, text);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  pipeline::closeReport(report, stop.reason == pipeline::StopReason::Interrupted);
  put(flags.format == "json" ? report::renderJson(report) : report::renderSummary(report, text));
  if (std::fflush(stdout) != 0 || std::ferror(stdout))
    return complain({ErrorKind::Environment, "the report could not be written to stdout: what is there is not whole", "", ""});
  return report.exit_code;
}

void addWhatToRun(CLI::App& sub, AuditFlags& flags) {
  sub.add_option("PATH", flags.paths, "a .cu file, or a folder: every .cu file below it with its contract")->required();
  sub.add_option("--contract", flags.query.contract, "the contract of a single file, if it does not lie beside it");
  sub.add_option("--kernel", flags.query.kernel, "only this kernel, as the source writes it: 'flash<64, true>'");
  sub.add_option("--block", flags.block, "without contract: threads, as X or X,Y or X,Y,Z");
  sub.add_option("--grid", flags.grid, "without contract: blocks, as X or X,Y or X,Y,Z (default 1)");
  sub.add_option("--shared", flags.shared, "without contract: bytes of dynamic shared memory");
  sub.add_option("--arg", flags.args, "without contract: a parameter's value, name=value (may be repeated)")
      ->allow_extra_args(false);
}

void addHowToRun(CLI::App& sub, AuditFlags& flags) {
  sub.add_option("--stages", flags.stages, "stages to run: static reads the source, fuzz runs the kernel, stability puts it under stress, formal proves")
      ->delimiter(',')
      ->capture_default_str();
  sub.add_option("--require", flags.require,
                 "what it takes to be certified: tests, proof (of all that can be proved) or unbounded-proof")
      ->capture_default_str();
  sub.add_option("--same-value-writes", flags.equal_writes,
                 "threads that write one value to one place unordered: refute (a race, the default) or allow")
      ->check(CLI::IsMember({"refute", "allow"}));
  sub.add_option("-j,--jobs", flags.jobs, "threads (default: all cores)")->check(CLI::Range(1u, 4096u));
  sub.add_option("--seed", flags.seed, "seed of the cases")->capture_default_str();
  sub.add_option("--cases", flags.cases, "at most this many cases a kernel")
      ->check(CLI::Range(1u, 100000u))
      ->capture_default_str();
  sub.add_option("--budget", flags.budget,
                 "how long cases near those that reached a new branch are tried, for each kernel: 200 (cases), 30s (time), "
                 "0 (not at all), auto (up to 48 cases, as long as they reach something new)")
      ->capture_default_str();
  sub.add_option("--time-budget", flags.time_budget, "stop after this long: 90, 90s, 10m, 1h");
  sub.add_flag("--quick", flags.quick, "under ten seconds a kernel, for a hook before each commit: fewer and smaller cases");
  sub.add_option("--oracle-floor", flags.oracle_floor,
                 "part of the wrong results (zeros, a lost key …) that the oracle must reject before its pass counts")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  sub.add_option("--determinism", flags.determinism,
                 "results that depend on the order of blocks and warps: report them, or require that there are none")
      ->check(CLI::IsMember({"report", "require"}))
      ->capture_default_str();
  sub.add_option("--schedules", flags.schedules, "other orders of blocks and warps whose bits are compared")
      ->check(CLI::Range(0u, 1000u))
      ->capture_default_str();
  sub.add_flag("--no-saved-cases", flags.no_saved_cases, "neither replay nor keep cases that showed something (OUTPUT/cases)");
  sub.add_option("--step-limit", flags.step_limit, "loop iterations and calls a case may take")->capture_default_str();
  sub.add_option("--cuda-headers", flags.cuda_headers, "auto, builtin or toolkit")->capture_default_str();
  sub.add_option("--target", flags.target, "sm_80 … sm_90")->capture_default_str();
  sub.add_option("--output", flags.output, "folder of the replay files")->capture_default_str();
  sub.add_option("--format", flags.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  sub.add_option("--color", flags.color, "auto, always or never (NO_COLOR is honoured)")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  sub.add_flag("--fix", flags.fix, "repair in the source what the static stage can repair for certain");
  sub.add_flag("-v,--verbose", flags.verbose, "one row for each check");
  sub.add_flag("-q,--quiet", flags.quiet, "no progress on stderr");
}

void addHowToProve(CLI::App& sub, AuditFlags& flags) {
  sub.add_option("--formal-timeout", flags.formal_timeout, "time for one question to the solver")->capture_default_str();
  sub.add_option("--formal-budget", flags.formal_budget, "time for all questions about a kernel")->capture_default_str();
  sub.add_option("--dump-smt2", flags.dump_smt2, "folder where every question is written as SMT-LIB");
  sub.add_option("--cross-check", flags.cross_check, "a second solver that is asked again what was proved: cvc5")
      ->check(CLI::IsMember({"cvc5"}));
  sub.add_flag("--no-cache", flags.no_cache, "prove again what was proved before");
}

} // namespace

void addAudit(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("audit", "judge kernels: run them, compare them, give a verdict");
  auto flags = std::make_shared<AuditFlags>();
  addWhatToRun(*sub, *flags);
  addHowToRun(*sub, *flags);
  addHowToProve(*sub, *flags);
  sub->footer("Flags after -- go to clang: kverify audit k.cu -- -I include -DHEAD_DIM=64");
  sub->callback(
      [flags, &chosen] { chosen = [flags](const Invocation& invocation) { return audit(*flags, invocation); }; });
}

} // namespace kverify::cli
