// kverify gate: what a team puts in front of its main branch. Finds the kernels that a change touches, audits them, and
// says under the team's policy whether they may come in.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "cli/gate.h"
#include "cli/gate_certificate.h"
#include "cli/gate_child.h"
#include "cli/gate_find.h"
#include "cli/gate_run.h"
#include "cli/options.h"
#include "cli/pipeline/backend.h"
#include "cli/report_output.h"
#include "contract/read_file.h"
#include "gate/baseline.h"
#include "report/markdown.h"

namespace kverify::cli {
namespace {

namespace fs = std::filesystem;
using gate::GateReport;

struct GateFlags {
  GateQuery query;
  std::string policy, preset, baseline, time_budget, gpu;
  GateRunOptions run;
  OutputFlags output;
  bool write_baseline = false, plan = false;
};

constexpr const char* kExamples = R"(Examples:
  kverify gate --changed-since origin/main              what a pull request touches
  kverify gate --changed-since origin/main --report sarif=k.sarif --report markdown=summary.md --format github
  kverify gate --write-baseline                         what is wrong today no longer fails
  kverify gate --preset smoke --changed a.cuh b.cu      before a commit: the kernels that these files touch
  kverify gate --changed-since main --plan              what would be judged, why, and by which rules

kverify.json is looked for from here upward (specs/schema/policy.schema.json). What the command line says counts before
the environment, and that before the file. A kernel is touched where its file, its contract or anything that it includes
changed; a change to kverify.json, the baseline, a key or compile_commands.json touches all.

Exit codes: 0 passed, 1 failed, 2 usage or tool error, 3 inconclusive. Over several kernels 1 > 2 > 3 > 0.)";

/// Reads the policy and lays over it what the command line and the environment say.
Expected<gate::Policy> policyOf(const GateFlags& flags) {
  auto policy = gate::loadPolicy(flags.policy, ".", gate::registeredChecks());
  if (!policy)
    return policy;
  if (policy->path.empty()) // without a file paths start at the top of the repository
    if (std::string top = repositoryRoot(); !top.empty())
      policy->folder = top;
  policy->forced_preset = flags.preset;
  if (!flags.gpu.empty())
    policy->forced_gpu = gate::parseGpu(flags.gpu);
  if (!flags.time_budget.empty())
    policy->time_budget = flags.time_budget;
  return policy;
}

/// As the working directory sees it; empty: none.
std::string baselinePath(const GateFlags& flags, const gate::Policy& policy) {
  if (!flags.baseline.empty())
    return flags.baseline;
  if (!policy.baseline.empty())
    return seenFromHere(policy.folder, policy.baseline);
  return flags.write_baseline ? seenFromHere(policy.folder, gate::kBaselineFile) : "";
}

/// Its files named as the working directory sees them.
Expected<gate::Baseline> readBaseline(const std::string& path, const gate::Policy& policy, bool may_be_missing) {
  std::error_code error;
  if (path.empty() || (may_be_missing && !fs::exists(path, error)))
    return gate::Baseline{};
  if (!fs::exists(path, error))
    return fail(ErrorKind::Input, fmt::format("there is no baseline '{}'", path), "--baseline", "kverify gate --write-baseline writes it");
  auto text = contract::readFile(path);
  if (!text)
    return tl::unexpected(text.error());
  auto baseline = gate::parseBaseline(path, *text);
  if (baseline)
    for (gate::BaselineKernel& kernel : baseline->kernels)
      kernel.file = seenFromHere(policy.folder, kernel.file);
  return baseline;
}

/// Where a GPU is used only if there is one, and there is none.
void adjustToMachine(GatePlan& plan, bool gpu_here, GateReport& gate) {
  bool dropped = false;
  for (GateTask& task : plan.tasks) {
    if (task.demands.gpu != gate::Gpu::IfPresent || gpu_here)
      continue;
    dropped = true;
    std::erase_if(task.demands.stages, [](const std::string& stage) { return stage == "sanitizer" || stage == "bench"; });
    task.demands.gap = {};
  }
  if (dropped)
    gate.notes.push_back("there is no GPU here, and the policy wants one only where there is: nothing was run on one");
}

bool isGpuHere(const GatePlan& plan) {
  bool asked = std::any_of(plan.tasks.begin(), plan.tasks.end(), [](const GateTask& task) { return task.demands.gpu != gate::Gpu::Never; });
  return asked && pipeline::sharedGpu()->device().has_value();
}

/// The demands that a kernel of the report was judged by.
const GateTask& taskOf(const std::vector<GateTask>& tasks, const std::string& file) {
  return *std::find_if(tasks.begin(), tasks.end(), [&](const GateTask& task) { return task.source == file; });
}

void judgeAll(const GatePlan& plan, const GateRunOptions& run, const gate::Baseline& baseline, const Report& report, Certificates& certificates,
              const std::set<std::string>& spared, GateReport& gate) {
  std::set<std::string> still_there;
  std::error_code error;
  for (const gate::BaselineKernel& kernel : baseline.kernels)
    if (fs::exists(kernel.file, error))
      still_there.insert(kernel.file);
  gate::BaselineMatch match = gate::matchBaseline(baseline, report, still_there);
  std::map<std::string, gate::KillScore> kills;
  std::map<std::string, gate::GapSeen> gaps;
  for (std::size_t i = 0; i < report.kernels.size(); ++i) {
    const KernelReport& kernel = report.kernels[i];
    const GateTask& task = taskOf(plan.tasks, kernel.file);
    auto& known = match.kernels[i];
    gate::Evidence evidence{.kernel = &kernel, .demands = task.demands, .known = known.known, .known_open = known.known_open};
    evidence.gpu_here = run.gpu_here;
    if (task.demands.certificate.asked() && !kernel.error) {
      evidence.certificate = certificates.of(task, kernel, run.clang_flags);
      evidence.certificate->spared_audit = spared.count(task.source) != 0;
    }
    // Mutants and timings of what is wrong already are work for nothing.
    bool worth = !kernel.error && kernel.verdict != Verdict::Refuted;
    if (worth && task.demands.kill.floor > 0)
      evidence.kill = kills.try_emplace(task.source).second ? kills[task.source] = killScoreOf(task, run) : kills[task.source];
    if (worth && task.demands.gap.floor > 0)
      evidence.gap = gaps.try_emplace(task.source).second ? gaps[task.source] = gapOf(task, run) : gaps[task.source];
    gate::GateKernel one{.kernel = &kernel, .decision = gate::decide(evidence), .fixed = known.fixed, .gone = known.gone};
    one.certificate = evidence.certificate;
    one.why = plan.why[static_cast<std::size_t>(&task - plan.tasks.data())];
    gate.kernels.push_back(std::move(one));
  }
}

/// What the old baseline says of kernels that were not judged now, and what was found of the others.
Expected<void> writeBaseline(const std::string& path, const gate::Policy& policy, const gate::Baseline& old, const GateReport& gate) {
  if (gate.partial)
    return fail(ErrorKind::Interrupted, "interrupted: no baseline was written");
  auto from_folder = [&](const std::string& file) {
    return fs::absolute(file).lexically_normal().lexically_relative(policy.folder).generic_string();
  };
  gate::Baseline now;
  std::error_code error;
  for (gate::BaselineKernel kernel : old.kernels) {
    bool judged = std::any_of(gate.kernels.begin(), gate.kernels.end(), [&](const auto& one) { return one.kernel->file == kernel.file; });
    if (judged || !fs::exists(kernel.file, error))
      continue;
    kernel.file = from_folder(kernel.file);
    now.kernels.push_back(std::move(kernel));
  }
  for (const gate::GateKernel& one : gate.kernels) {
    gate::BaselineKernel kernel = gate::baselineOf(from_folder(one.kernel->file), *one.kernel, one.decision);
    if (!kernel.findings.empty() || !kernel.open.empty())
      now.kernels.push_back(std::move(kernel));
  }
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << gate::renderBaseline(now);
  if (!out.flush())
    return fail(ErrorKind::Input, fmt::format("cannot write the baseline '{}'", path), "--baseline");
  std::size_t findings = 0, open = 0;
  for (const gate::BaselineKernel& kernel : now.kernels) {
    findings += kernel.findings.size();
    open += kernel.open.size();
  }
  fmt::print("{}: {} finding{} and {} open question{} of {} kernel{} are known from now on\n", path, findings, findings == 1 ? "" : "s", open,
             open == 1 ? "" : "s", now.kernels.size(), now.kernels.size() == 1 ? "" : "s");
  return {};
}

/// What is known already is no annotation of a change.
Report withoutKnown(const Report& report, const GateReport& gate) {
  Report fresh = report;
  for (std::size_t i = 0; i < gate.kernels.size(); ++i) {
    std::set<std::size_t> known;
    for (const gate::Reason& reason : gate.kernels[i].decision.known)
      if (reason.finding)
        known.insert(static_cast<std::size_t>(reason.finding - report.kernels[i].findings.data()));
    std::vector<Finding> kept;
    for (std::size_t j = 0; j < report.kernels[i].findings.size(); ++j)
      if (!known.count(j))
        kept.push_back(report.kernels[i].findings[j]);
    fresh.kernels[i].findings = std::move(kept);
  }
  return fresh;
}

std::string render(const report::Format& format, const Report& report, const GateReport& gate, const report::RenderOptions& options) {
  std::string_view name = format.name;
  if (name == "text")
    return gate::renderText(gate, options);
  if (name == "markdown") {
    std::string text = gate::renderMarkdown(gate, report::kMarkdownLimit / 2);
    return report.kernels.empty() ? text : text + report::renderMarkdownWithin(report, options, report::kMarkdownLimit - text.size());
  }
  std::string text = format.render(name == "github" ? withoutKnown(report, gate) : report, options);
  if (name == "github" || name == "concise")
    text += fmt::format("gate: {} ({})\n", gate::nameOf(gate.result()), gate::countsOf(gate));
  return text;
}

/// Standard output, and every file that is wanted. `json` on standard output is the gate's own answer; in a file it is the
/// audits' report, which kverify report and diff read.
int answer(Outputs& outputs, const Report& report, const GateReport& gate) {
  report::Sources sources = report::Sources::onDisk();
  sources.expect(report);
  outputs.render.sources = &sources;
  bool json = std::string_view(outputs.format->name) == "json";
  fmt::print("{}", json ? gate::renderJson(gate) : render(*outputs.format, report, gate, outputs.render));
  std::fflush(stdout);
  report::RenderOptions plain = outputs.render;
  plain.color = false;
  std::vector<int> codes{gate.exitCode()};
  for (const ReportFile& file : outputs.files) {
    std::ofstream out(file.path, std::ios::binary | std::ios::trunc);
    out << render(*file.format, report, gate, plain);
    if (!out.flush())
      codes.push_back(complain({ErrorKind::Input, fmt::format("cannot write the report '{}'", file.path), "--report", ""}));
  }
  return worstExitCode(codes);
}

int runGate(GateFlags flags, const Invocation& invocation) {
  auto start = std::chrono::steady_clock::now();
  auto policy = policyOf(flags);
  if (!policy)
    return complain(policy.error());
  auto budget = parseDuration(policy->time_budget, "--time-budget");
  if (!budget)
    return complain(budget.error());
  std::string baseline_path = baselinePath(flags, *policy);
  auto baseline = readBaseline(baseline_path, *policy, flags.write_baseline);
  if (!baseline)
    return complain(baseline.error());
  auto outputs = prepareOutputs(flags.output);
  if (!outputs)
    return complain(outputs.error());
  GateReport gate{.command = invocation.command, .policy = policy->path, .preset = policy->forced_preset.empty() ? policy->preset : policy->forced_preset};
  gate.baseline = flags.write_baseline ? "" : baseline_path;
  flags.query.baseline = gate.baseline;
  auto plan = planGate(flags.query, *policy, gate);
  if (!plan)
    return complain(plan.error());
  for (const GateTask& task : plan->tasks)
    if (std::string wrong = gate::contradictionIn(task.demands); !wrong.empty())
      return complain({ErrorKind::Input, wrong, fmt::format("{}, for {}", policy->path.empty() ? "the command line" : policy->path, task.source), ""});
  auto certificates = Certificates::forTasks(plan->tasks, policy->folder);
  if (!certificates)
    return complain(certificates.error());
  if (flags.plan) {
    std::vector<std::pair<std::string, gate::Demands>> demands;
    for (std::size_t i = 0; i < plan->tasks.size(); ++i) {
      gate.kernels.push_back({.why = plan->why[i]});
      demands.emplace_back(plan->tasks[i].source, plan->tasks[i].demands);
    }
    fmt::print("{}", gate::renderPlan(gate, demands));
    return kExitCertified;
  }
  flags.run.clang_flags = invocation.clang_flags;
  flags.run.time_budget_seconds = *budget;
  flags.run.gpu_here = isGpuHere(*plan);
  adjustToMachine(*plan, flags.run.gpu_here, gate);
  auto spared = certificates->spare(plan->tasks, flags.run);
  std::set<std::string> spared_files;
  for (const auto& [source, kernels] : spared)
    spared_files.insert(source);
  Report report;
  if (!plan->tasks.empty())
    report = auditTasks(plan->tasks, flags.run, std::move(spared));
  report.command = invocation.command;
  report.tool_version = KVERIFY_VERSION;
  describeRun(report);
  judgeAll(*plan, flags.run, flags.write_baseline ? gate::Baseline{} : *baseline, report, *certificates, spared_files, gate);
  gate.partial = report.partial || wasInterrupted();
  gate.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.seconds = gate.seconds;
  if (plan->tasks.empty())
    report.exit_code = gate.exitCode();
  int code = answer(*outputs, report, gate);
  if (!flags.write_baseline)
    return code;
  if (auto written = writeBaseline(baseline_path, *policy, *baseline, gate); !written)
    return complain(written.error());
  // What has no verdict is in no baseline.
  return code == kExitError ? kExitError : kExitCertified;
}

void addFlags(CLI::App& sub, GateFlags& flags) {
  sub.add_option("PATH", flags.query.paths, "files or folders with kernels (default: all below kverify.json's folder that git does not ignore)");
  auto* since = sub.add_option("--changed-since", flags.query.since, "only what differs from where HEAD left this revision touches, uncommitted changes included")
                    ->envname("KVERIFY_CHANGED_SINCE");
  sub.add_option("--changed", flags.query.changed, "only what these files touch, as a hook names them")->excludes(since);
  sub.add_option("--policy", flags.policy, "the policy (default: kverify.json, from here upward)")->envname("KVERIFY_POLICY");
  sub.add_option("--preset", flags.preset, "strict, standard or smoke, over what the policy says")
      ->check(CLI::IsMember(gate::presetNames()))
      ->envname("KVERIFY_PRESET");
  sub.add_option("--baseline", flags.baseline, "what was wrong before and does not fail (default: what the policy names)")->envname("KVERIFY_BASELINE");
  sub.add_flag("--write-baseline", flags.write_baseline, "write what is wrong now into the baseline, instead of failing");
  sub.add_flag("--plan", flags.plan, "say what would be judged, why and by which rules, and stop");
  sub.add_option("--time-budget", flags.time_budget, "of all audits together: 90s, 10m, 1h")->envname("KVERIFY_TIME_BUDGET");
  sub.add_option("--gpu", flags.gpu, "never, if-present or required")
      ->check(CLI::IsMember({"never", "if-present", "required"}))
      ->envname("KVERIFY_GPU");
  sub.add_option("-j,--jobs", flags.run.jobs, "threads (default: all cores)")->check(CLI::Range(1u, 4096u));
  sub.add_option("--cuda-headers", flags.run.cuda_headers, "auto, builtin or toolkit")->capture_default_str();
  sub.add_option("--target", flags.run.target, "sm_80 … sm_90")->capture_default_str();
  sub.add_option("--output", flags.run.output, "folder of the replay files")->capture_default_str();
  sub.add_flag("--no-cache", flags.run.no_cache, "prove again what was proved before");
  sub.add_flag("-q,--quiet", flags.run.quiet, "no progress on stderr");
  addOutputFlags(sub, flags.output);
}

} // namespace

void addGate(CLI::App& app, Action& chosen) {
  CLI::App* sub = app.add_subcommand("gate", "judge what a change touches under the team's policy: may it be merged?");
  auto flags = std::make_shared<GateFlags>();
  addFlags(*sub, *flags);
  sub->footer(kExamples);
  sub->callback([flags, &chosen] { chosen = [flags](const Invocation& invocation) { return runGate(*flags, invocation); }; });
}

} // namespace kverify::cli
