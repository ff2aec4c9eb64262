// kverify audit PATH…: the main job. Reads the flags, finds the jobs, runs each in its own process, prints the report.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/bench_stage.h"
#include "cli/farm_flags.h"
#include "cli/farm_run.h"
#include "cli/interrupt.h"
#include "cli/list_kernels.h"
#include "cli/options.h"
#include "cli/pipeline/audit.h"
#include "cli/pipeline/audit_record.h"
#include "cli/pipeline/isolate.h"
#include "cli/pipeline/sanitizer_run.h"
#include "cli/report_output.h"
#include "cli/shut_in.h"
#include "cli/subcommand.h"
#include "core/near_name.h"
#include "frontend/host/bind.h"
#include "core/thread_pool.h"
#include "report/concise.h"
#include "report/progress.h"
#include "report/text.h"
#include "verifier/smt/second_opinion.h"

namespace kverify::cli {
namespace {

using pipeline::Job;

struct AuditFlags {
  std::vector<std::string> paths;
  pipeline::JobQuery query;
  std::string spec;
  std::vector<std::string> spec_options;
  std::vector<std::string> args, stages{"static", "fuzz", "stability", "formal"};
  std::string block, grid, time_budget, budget = "auto", cuda_headers = "auto", target = "sm_80";
  std::string equal_writes, backend = "simt", launch_limit = "10s";
  std::string output = "out", require = "tests", formal_timeout = "10s", formal_budget = "auto", dump_smt2, cross_check;
  unsigned jobs = 0, cases = 36;
  std::uint32_t shared = 0;
  std::uint64_t seed = 1, step_limit = std::uint64_t{1} << 32;
  double oracle_floor = 0.9;
  std::string determinism = "report";
  std::string record; ///< folder of what the audit rests on, for a certificate
  bool list = false; ///< only say which kernels there are
  unsigned schedules = 3;
  bool quick = false, no_saved_cases = false;
  OutputFlags output_flags;
  bool quiet = false, no_cache = false, fix = false;
  FarmFlags farm;
};

constexpr const char* kExamples = R"(Examples:
  kverify audit kernels/attention                     every kernel below a folder
  kverify audit k.cu --block 128 --grid 2 --arg n=99  without a contract
  kverify audit k.cu --stages static                  under a second: reads the source
  kverify audit kernels --report html=out/r.html --report sarif=out/k.sarif --report junit=out/k.xml
  kverify audit k.cu -- -I include -DHEAD_DIM=64      flags after -- go to clang

Exit codes: 0 certified, 1 refuted, 2 usage or tool error, 3 inconclusive.)";

Expected<pipeline::Stages> stagesFrom(const std::vector<std::string>& names) {
  pipeline::Stages stages{.fuzz = false, .formal = false, .lint = false};
  for (const std::string& name : names) {
    bool* known = name == "fuzz"        ? &stages.fuzz
                  : name == "formal"    ? &stages.formal
                  : name == "static"    ? &stages.lint
                  : name == "stability" ? &stages.stability
                  : name == "bench"     ? &stages.bench
                  : name == "sanitizer" ? &stages.sanitizer
                                        : nullptr;
    if (known) {
      *known = true;
      continue;
    }
    return fail(ErrorKind::Usage, fmt::format("there is no stage '{}'", name), "--stages",
                "what exists: static, fuzz, stability, formal, sanitizer, bench");
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
  // Who wants proofs, or keeps them, waits for them.
  const bool automatic = flags.formal_budget == "auto";
  formal.shares_minute = automatic && flags.require == "tests" && flags.record.empty();
  auto kernel = parseDuration(automatic ? "60s" : flags.formal_budget, "--formal-budget");
  if (!kernel)
    return tl::unexpected(kernel.error());
  formal.query_ms = static_cast<unsigned>(std::clamp(*query, 0.001, 1e6) * 1000);
  formal.kernel_seconds = *kernel;
  formal.dump_smt2 = flags.dump_smt2;
  formal.second_solver = flags.cross_check;
  if (!flags.record.empty() && flags.dump_smt2.empty())
    formal.dump_smt2 = flags.record + "/" + pipeline::kRecordedQuestions;
  if (!flags.cross_check.empty() && verifier::versionOfProgram(flags.cross_check).empty())
    return fail(ErrorKind::Environment, fmt::format("there is no program '{}'", flags.cross_check), "--cross-check",
                "apt-get install " + flags.cross_check);
  if (flags.quick)
    formal.kernel_seconds = std::min(formal.kernel_seconds, 3.0);
  return formal;
}

/// --spec and --spec-option, checked before anything runs.
Expected<void> readSpec(const AuditFlags& flags, pipeline::AuditOptions& options) {
  if (flags.spec.empty() && !flags.spec_options.empty())
    return fail(ErrorKind::Usage, "--spec-option needs the operation", "--spec-option", "for example --spec softmax");
  if (flags.spec.empty())
    return {};
  auto spec = loadSpec(flags.spec);
  if (!spec)
    return fail(ErrorKind::Usage, spec.error().message, "--spec", spec.error().hint);
  if (!flags.query.contract.empty() || !flags.block.empty())
    return fail(ErrorKind::Usage, fmt::format("--spec is for launches that host code shows, not with {}", flags.block.empty() ? "--contract" : "--block"),
                "--spec", flags.block.empty() ? "the contract names its operation itself: \"spec\"" : "a contract can name both: kverify init begins it");
  options.spec = flags.spec.ends_with(".json") ? std::filesystem::absolute(flags.spec).lexically_normal().string() : flags.spec;
  for (const std::string& one : flags.spec_options) {
    std::size_t equals = one.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorKind::Usage, fmt::format("'{}' is not name=value", one), "--spec-option", "for example --spec-option causal=true");
    options.spec_options[one.substr(0, equals)] = one.substr(equals + 1);
  }
  return frontend::host::checkOptions(**spec, options.spec_options);
}

/// Where the spec is asked of a file that has a contract, the contract must be of it.
Expected<void> expectSpec(const std::vector<Job>& jobs, const std::string& spec) {
  if (spec.empty())
    return {};
  for (const Job& job : jobs) {
    if (job.contract.empty())
      continue;
    auto contract = loadContract(job.contract);
    if (contract && (!contract->spec || (contract->spec->name != spec && contract->spec->path != spec)))
      return fail(ErrorKind::Usage, fmt::format("the contract '{}' is of {}", job.contract, contract->spec ? contract->spec->name : "no operation"), "--spec",
                  fmt::format("\"spec\": \"{}\" in it says so, with each tensor's \"role\"", spec));
  }
  return {};
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
  if (auto read = readSpec(flags, options); !read)
    return tl::unexpected(read.error());
  auto launch_limit = parseDuration(flags.launch_limit, "--gpu-launch-limit");
  if (!launch_limit)
    return tl::unexpected(launch_limit.error());
  options.backend = {.backend = *pipeline::parseBackend(flags.backend),
                     .launch_ms = static_cast<std::uint32_t>(std::clamp(*launch_limit, 0.001, 3600.0) * 1000)};
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

/// Text comes as soon as it is there; the other formats need the whole report.
void printKernel(const KernelReport& kernel, const Outputs& outputs) {
  std::string_view format = outputs.format->name;
  if (format == "text")
    put(report::renderKernel(kernel, {.color = outputs.render.color,
                                      .all_checks = outputs.render.all_checks,
                                      .lines = outputs.render.sources->lineReader()}) +
        "\n");
  if (format == "concise")
    put(report::conciseKernel(kernel, outputs.render));
  std::fflush(stdout);
}

/// All that an audit's outcomes depend on beside files: what reports must share to be put together.
Settings settingsOf(const AuditFlags& flags, const Invocation& invocation) {
  return {{"stages", fmt::format("{}", fmt::join(flags.stages, ","))},
          {"require", flags.require},
          {"backend", flags.backend},
          {"gpu-launch-limit", flags.launch_limit},
          {"same-value-writes", flags.equal_writes},
          {"kernel", flags.query.kernel},
          {"contract", flags.query.contract},
          {"block", flags.block},
          {"grid", flags.grid},
          {"shared", fmt::format("{}", flags.shared)},
          {"arg", fmt::format("{}", fmt::join(flags.args, " "))},
          {"spec", flags.spec},
          {"spec-option", fmt::format("{}", fmt::join(flags.spec_options, " "))},
          {"seed", fmt::format("{}", flags.seed)},
          {"cases", fmt::format("{}", flags.cases)},
          {"quick", flags.quick ? "yes" : ""},
          {"budget", flags.budget},
          {"schedules", fmt::format("{}", flags.schedules)},
          {"oracle-floor", fmt::format("{}", flags.oracle_floor)},
          {"determinism", flags.determinism},
          {"step-limit", fmt::format("{}", flags.step_limit)},
          {"cuda-headers", flags.cuda_headers},
          {"target", flags.target},
          {"formal-timeout", flags.formal_timeout},
          {"formal-budget", flags.formal_budget},
          {"cross-check", flags.cross_check},
          {"kernel-timeout", flags.farm.kernel_timeout},
          {"clang-flags", fmt::format("{}", fmt::join(invocation.clang_flags, " "))}};
}

/// Everything that one audit sets up before its first kernel.
struct Setting {
  pipeline::AuditOptions options;
  double budget_seconds = 0, kernel_seconds = 0;
  std::uint64_t memory_bytes = 0;
  std::size_t children = 1;
  std::unique_ptr<FarmRun> farm;
  std::unique_ptr<ShutIn> shut_in;
};

Expected<Setting> setUp(const AuditFlags& flags, pipeline::AuditOptions options, const Invocation& invocation,
                        std::vector<Job>& jobs) {
  Setting setting;
  auto seconds = parseDuration(flags.time_budget, "--time-budget");
  if (!seconds)
    return tl::unexpected(seconds.error());
  auto of_kernel = kernelTimeout(flags.farm.kernel_timeout);
  if (!of_kernel)
    return tl::unexpected(of_kernel.error());
  FarmPlan plan{.settings = settingsOf(flags, invocation),
                .paths = flags.paths,
                .local_cache = !flags.no_cache,
                .sources_change = flags.fix};
  auto farm = FarmRun::prepare(flags.farm, plan, jobs);
  if (!farm)
    return tl::unexpected(farm.error());
  setting.children = std::min<std::size_t>(flags.jobs ? flags.jobs : availableCores(), std::max<std::size_t>(1, jobs.size()));
  auto memory = memoryLimit(flags.farm.memory_limit, setting.children);
  if (!memory)
    return tl::unexpected(memory.error());
  ShutInOptions shut{.mode = flags.farm.isolation, .writable = {flags.output, flags.dump_smt2, flags.record}};
  shut.uses_gpu = options.backend.backend != pipeline::Backend::Simt || options.stages.bench || options.stages.sanitizer;
  if (flags.fix)
    for (const Job& job : jobs)
      shut.writable.push_back(std::filesystem::absolute(job.source).parent_path().string());
  auto shut_in = ShutIn::prepare(shut);
  if (!shut_in)
    return tl::unexpected(shut_in.error());
  setting.options = std::move(options);
  setting.budget_seconds = *seconds;
  setting.kernel_seconds = *of_kernel;
  setting.memory_bytes = *memory;
  setting.farm = std::move(*farm);
  setting.shut_in = std::move(*shut_in);
  return setting;
}

pipeline::IsolateOptions isolateOptions(const Setting& setting, pipeline::StopSwitch& stop) {
  pipeline::IsolateOptions isolate;
  isolate.children = setting.children;
  isolate.stages = setting.options.stages;
  isolate.policy = setting.options.policy;
  isolate.stop = &stop;
  isolate.cage = setting.shut_in->cage();
  isolate.tmp = setting.shut_in->tmp();
  isolate.memory_bytes = setting.memory_bytes;
  isolate.kernel_seconds = setting.kernel_seconds;
  isolate.time_budget_seconds = setting.budget_seconds;
  if (setting.budget_seconds > 0) // what does not end by itself is ended: a budget is kept within a tenth
    isolate.grace_seconds = std::clamp(0.08 * setting.budget_seconds, 0.5, 10.0);
  return isolate;
}

std::vector<KernelReport> runJobs(const std::vector<Job>& jobs, const AuditFlags& flags, Setting& setting,
                                  pipeline::StopSwitch& stop, const Outputs& outputs) {
  report::Progress progress(flags.quiet ? report::Progress::Mode::Off : report::Progress::modeFor(stderr), stderr);
  progress.startFrom(setting.farm->resumed());
  pipeline::IsolateOptions isolate = isolateOptions(setting, stop);
  isolate.progress = [&](std::size_t jobs_done, std::size_t job, std::size_t done, std::size_t total) {
    std::string what = done < total ? fmt::format("case {} of {}", done, total) : "compiling or proving";
    progress.show(jobs_done, jobs.size(), fmt::format("{} ({})", jobs[job].source, what));
  };
  isolate.finished = [&](const KernelReport& kernel) {
    progress.clear();
    printKernel(kernel, outputs);
  };
  ProofBundle proofs; // of the job that is started next: its process has a copy
  isolate.before = [&](std::size_t index) {
    auto known = setting.farm->known(index);
    if (!known)
      proofs = ProofBundle(setting.farm->takeProofs(index));
    return known;
  };
  isolate.keep = [&](std::size_t index, const std::string& bundle) { setting.farm->keepProofs(index, bundle); };
  isolate.settled = [&](std::size_t index, KernelReport& report, bool whole) {
    setting.farm->settle(index, report, whole, setting.options.stages);
  };
  unsigned workers = flags.jobs ? flags.jobs : availableCores();
  unsigned each = std::max<unsigned>(1, workers / static_cast<unsigned>(setting.children));
  auto job = [&](std::size_t index, pipeline::JobLink& link) {
    pipeline::AuditOptions options = setting.options;
    options.workers = each;
    options.stop = &link.stop;
    options.progress = [&](std::size_t done, std::size_t total) { link.progress(done, total); };
    options.checkpoint = [&](const KernelReport& so_far) { link.soFar(so_far); };
    options.formal.proofs = &proofs;
    pipeline::AuditRecord record;
    if (!flags.record.empty())
      options.record = &record;
    KernelReport report = pipeline::auditJob(jobs[index], options);
    if (options.record)
      if (auto written = pipeline::writeRecord(flags.record, record); !written)
        report.notes.push_back("what this rests on was not kept: " + written.error().message);
    if (proofs.changed())
      link.keep(proofs.toText());
    if (options.stages.sanitizer)
      pipeline::sanitize(jobs[index], options, report);
    if (options.stages.bench)
      judgeTiming(jobs[index], options, report);
    return report;
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
  auto outputs = prepareOutputs(flags.output_flags);
  if (!outputs)
    return complain(outputs.error());
  auto options = auditOptions(flags, invocation);
  if (!options)
    return complain(options.error());
  std::string kernel = flags.list ? std::exchange(query.kernel, "") : "";
  auto jobs = pipeline::findJobs(query);
  if (!jobs)
    return complain(jobs.error());
  if (auto fits = expectSpec(*jobs, options->spec); !fits)
    return complain(fits.error());
  if (flags.list)
    return listKernelsOf(*jobs, options->compile, kernel, std::string_view(outputs->format->name) == "json");
  if (!flags.record.empty() && jobs->size() != 1)
    return complain({ErrorKind::Usage, fmt::format("a record is of one kernel, and here are {}", jobs->size()), "--record"});
  auto setting = setUp(flags, std::move(*options), invocation, *jobs);
  if (!setting)
    return complain(setting.error());

  report::Sources sources = report::Sources::onDisk();
  outputs->render.sources = &sources;
  pipeline::StopSwitch& stop = stopOnInterrupt();
  Report report{.tool_version = KVERIFY_VERSION, .command = invocation.command, .seed = flags.seed};
  describeRun(report);
  report.kernels = runJobs(*jobs, flags, *setting, stop, *outputs);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  bool interrupted = stop.reason == pipeline::StopReason::Interrupted;
  report.environment.isolation = setting->shut_in->describe();
  report.environment.isolation.memory_bytes = setting->memory_bytes;
  report.environment.isolation.seconds = setting->kernel_seconds;
  report.environment.jobs = static_cast<unsigned>(setting->children);
  setting->farm->describe(report, interrupted);
  pipeline::closeReport(report, interrupted);
  sources.expect(report);
  std::string_view format = outputs->format->name;
  bool streamed = format == "text" || format == "concise";
  put(streamed ? report::renderSummary(report, {.color = outputs->render.color})
               : outputs->format->render(report, outputs->render));
  bool printed = std::fflush(stdout) == 0 && !std::ferror(stdout);
  int code = report.exit_code;
  if (auto written = writeReports(report, *outputs); !written)
    code = worstExitCode(std::array{code, complain(written.error())});
  if (!printed)
    return complain({ErrorKind::Environment, "the report could not be written to stdout: what is there is not whole", "", ""});
  return code;
}

void addWhatToRun(CLI::App& sub, AuditFlags& flags) {
  sub.add_option("PATH", flags.paths, "a .cu or .cuh file, a Python file with CUDA in it ('model.py', or 'model.py@12' for the text at line 12), or a folder "
                 "of all these; each with its contract")->required();
  sub.add_flag("--list", flags.list, "say which kernels there are, and which instantiations of templates; judge nothing");
  sub.add_option("--contract", flags.query.contract, "the contract of a single file, if it does not lie beside it")->type_name("FILE");
  sub.add_option("--kernel", flags.query.kernel, "only this kernel, as the source writes it: 'flash<64, true>'");
  sub.add_option("--spec", flags.spec, "without contract: the operation that the host code launches, a name of specs/ or a path that ends in .json");
  sub.add_option("--spec-option", flags.spec_options, "an option of that operation, name=value (may be repeated)")->allow_extra_args(false);
  sub.add_option("--block", flags.block, "without contract: threads, as X or X,Y or X,Y,Z");
  sub.add_option("--grid", flags.grid, "without contract: blocks, as X or X,Y or X,Y,Z (default 1)");
  sub.add_option("--shared", flags.shared, "without contract: bytes of dynamic shared memory");
  sub.add_option("--arg", flags.args, "without contract: a parameter's value, name=value (may be repeated)")
      ->allow_extra_args(false);
}

void addHowToRun(CLI::App& sub, AuditFlags& flags) {
  sub.add_option("--stages", flags.stages, "stages to run: static reads the source, fuzz runs the kernel, stability puts it under stress, formal proves, sanitizer runs NVIDIA's over it, bench times it on a GPU")
      ->delimiter(',')
      ->type_name("{static,fuzz,stability,formal,sanitizer,bench}")
      ->capture_default_str();
  sub.add_option("--require", flags.require,
                 "what it takes to be certified: tests, proof (of all that can be proved) or unbounded-proof")
      ->type_name("{tests,proof,unbounded-proof}")
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
  sub.add_option("--backend", flags.backend,
                 "where the cases run: simt (the executor), cuda (the GPU), or both, compared with each other")
      ->check(CLI::IsMember({"simt", "cuda", "both"}))
      ->capture_default_str();
  sub.add_option("--gpu-launch-limit", flags.launch_limit, "how long one launch on the GPU may take")->capture_default_str();
  sub.add_option("--cuda-headers", flags.cuda_headers, "whose CUDA headers")->type_name("{auto,builtin,toolkit}")->capture_default_str();
  sub.add_option("--target", flags.target, "sm_80 … sm_90")->capture_default_str();
  sub.add_option("--output", flags.output, "folder of the replay files")->type_name("DIR")->capture_default_str();
  addOutputFlags(sub, flags.output_flags);
  sub.add_flag("--fix", flags.fix, "repair in the source what the static stage can repair for certain");
  sub.add_flag("-q,--quiet", flags.quiet, "no progress on stderr");
}

void addHowToProve(CLI::App& sub, AuditFlags& flags) {
  sub.add_option("--formal-timeout", flags.formal_timeout, "time for one question to the solver")->capture_default_str();
  sub.add_option("--formal-budget", flags.formal_budget, "time for all questions about a kernel; auto: what the other stages "
                                                           "leave of a minute (30s at least), 60s where proofs are required")
      ->capture_default_str();
  sub.add_option("--record", flags.record, "folder of what the verdict on a single kernel rests on: questions and runs (kverify certify)")->group("");
  sub.add_option("--dump-smt2", flags.dump_smt2, "folder where every question is written as SMT-LIB")->type_name("DIR");
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
  addHowToSpread(*sub, flags->farm);
  sub->footer(kExamples);
  sub->callback(
      [flags, &chosen] { chosen = [flags](const Invocation& invocation) { return audit(*flags, invocation); }; });
}

} // namespace kverify::cli
