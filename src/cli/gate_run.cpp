#include "cli/gate_run.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/gate_child.h"
#include "cli/saved_reports.h"
#include "report/json.h"

namespace kverify::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

void add(Words& words, std::initializer_list<std::string> more) {
  words.insert(words.end(), more);
}

/// What an audit of these demands is asked with, but for the files. Equal words: one audit.
Words auditWords(const gate::Demands& d, const GateRunOptions& options) {
  Words words;
  add(words, {"--format", "json", "--color", "never"});
  add(words, {"--stages", fmt::format("{}", fmt::join(d.stages, ","))});
  add(words, {"--require", std::string(nameOf(d.require))});
  add(words, {"--cases", std::to_string(d.cases), "--formal-budget", d.proof_budget, "--formal-timeout", d.question_budget});
  add(words, {"--oracle-floor", fmt::format("{}", d.oracle_floor), "--determinism", d.determinism ? "require" : "report"});
  add(words, {"--output", options.output, "--target", options.target, "--cuda-headers", options.cuda_headers});
  if (d.quick)
    add(words, {"--quick"});
  if (d.gpu != gate::Gpu::Never && (options.gpu_here || d.gpu == gate::Gpu::Required))
    add(words, {"--backend", "both"});
  if (options.jobs)
    add(words, {"--jobs", std::to_string(options.jobs)});
  if (options.quiet)
    add(words, {"--quiet"});
  if (options.no_cache)
    add(words, {"--no-cache"});
  return words;
}

KernelReport unspoken(const std::string& source, const std::string& why) {
  KernelReport kernel{.file = source};
  kernel.error = ToolError{ErrorKind::Internal, why, source, "kverify audit of the same file says more"};
  return kernel;
}

/// One audit of several files. Whatever it answers, the result is a report.
Report auditOnce(const Words& files, Words words, const GateRunOptions& options) {
  words.insert(words.begin(), files.begin(), files.end());
  words.insert(words.begin(), "audit");
  if (!options.clang_flags.empty()) {
    words.push_back("--");
    words.insert(words.end(), options.clang_flags.begin(), options.clang_flags.end());
  }
  ChildRun run = runKverify(words);
  auto report = report::reportFromJson("the audit's report", run.out);
  if (report) {
    report->partial |= run.interrupted;
    return std::move(*report);
  }
  Report nothing{.partial = run.interrupted};
  nothing.exit_code = kExitError;
  std::string why = run.interrupted ? "interrupted before it was judged" : fmt::format("the audit ended without a report (exit code {})", run.exit_code);
  for (const std::string& file : files)
    nothing.kernels.push_back(unspoken(file, why));
  return nothing;
}

std::optional<double> number(const nlohmann::json& value) {
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

nlohmann::json outputOf(Words words, const GateRunOptions& options, std::string& problem) {
  if (!options.clang_flags.empty()) {
    words.push_back("--");
    words.insert(words.end(), options.clang_flags.begin(), options.clang_flags.end());
  }
  ChildRun run = runKverify(words);
  nlohmann::json json = nlohmann::json::parse(run.out, nullptr, false);
  if (!json.is_object())
    problem = run.interrupted ? "interrupted" : fmt::format("kverify {} ended without a report (exit code {})", words[0], run.exit_code);
  return json;
}

} // namespace

Report auditTasks(const std::vector<GateTask>& tasks, const GateRunOptions& options, std::map<std::string, std::vector<KernelReport>> spared) {
  auto start = Clock::now();
  std::map<Words, Words> audits; // words to files
  std::vector<Words> order;
  for (const GateTask& task : tasks) {
    if (spared.count(task.source))
      continue;
    Words words = auditWords(task.demands, options);
    if (audits[words].empty())
      order.push_back(words);
    audits[words].push_back(task.source);
  }
  std::vector<Report> reports;
  for (const Words& words : order) {
    Words all = words;
    if (options.time_budget_seconds > 0) {
      double left = options.time_budget_seconds - std::chrono::duration<double>(Clock::now() - start).count();
      add(all, {"--time-budget", fmt::format("{:.3f}s", std::max(left, 0.5))});
    }
    reports.push_back(auditOnce(audits[words], std::move(all), options));
  }
  Report whole = joined(std::move(reports));
  std::vector<KernelReport> kernels = std::move(whole.kernels);
  whole.kernels.clear();
  for (const GateTask& task : tasks) {
    if (auto stands = spared.find(task.source); stands != spared.end()) {
      std::move(stands->second.begin(), stands->second.end(), std::back_inserter(whole.kernels));
      continue;
    }
    std::size_t before = whole.kernels.size();
    for (KernelReport& kernel : kernels)
      if (kernel.file == task.source) {
        whole.kernels.push_back(std::move(kernel));
        kernel.file.clear();
      }
    if (whole.kernels.size() == before)
      whole.kernels.push_back(unspoken(task.source, "the audit said nothing of this file"));
  }
  return whole;
}

gate::KillScore killScoreOf(const GateTask& task, const GateRunOptions& options) {
  gate::KillScore kill;
  Words words{"mutate", task.source, "--format", "json", "--cases", std::to_string(task.demands.cases), "--target", options.target, "--cuda-headers", options.cuda_headers};
  if (task.demands.kill.sample)
    add(words, {"--sample", std::to_string(task.demands.kill.sample)});
  if (options.jobs)
    add(words, {"--jobs", std::to_string(options.jobs)});
  if (options.quiet)
    add(words, {"--quiet"});
  nlohmann::json json = outputOf(words, options, kill.problem);
  if (!kill.problem.empty() || !json.contains("kernels") || !json["kernels"].is_array())
    return kill;
  for (const nlohmann::json& kernel : json["kernels"]) { // the weakest of the file counts
    if (!kernel.value("error", nlohmann::json()).is_null()) {
      kill.problem = kernel["error"].is_string() ? kernel["error"].get<std::string>() : "the mutants could not be judged";
      kill.score.reset();
      return kill;
    }
    // What kverify mutate holds against its own floor: mutants that compute the same function are no other programs.
    const char* counted = kernel.contains("score_of_other_functions") ? "score_of_other_functions" : "score";
    std::optional<double> score = number(kernel.value(counted, nlohmann::json()));
    std::uint64_t mutants = kernel.value("counts", nlohmann::json::object()).value("mutants", std::uint64_t{0});
    if (!score || mutants == 0) {
      kill.problem = "there is no mutant to try";
      continue;
    }
    kill.score = std::min(kill.score.value_or(*score), *score);
    kill.mutants += mutants;
  }
  return kill;
}

gate::GapSeen gapOf(const GateTask& task, const GateRunOptions& options) {
  gate::GapSeen gap;
  Words words{"bench", task.source, "--baseline", task.demands.gap.baseline, "--format", "json"};
  nlohmann::json json = outputOf(words, options, gap.problem);
  if (!gap.problem.empty())
    return gap;
  if (json.contains("problem") && json["problem"].is_string())
    gap.problem = json["problem"].get<std::string>();
  nlohmann::json declared = json.value("declared", nlohmann::json());
  if (!declared.is_object())
    return gap;
  gap.value = number(declared.value("value", nlohmann::json()));
  if (nlohmann::json interval = declared.value("interval", nlohmann::json()); interval.is_array() && interval.size() == 2) {
    gap.low = number(interval[0]);
    gap.high = number(interval[1]);
  }
  return gap;
}

} // namespace kverify::cli
