#include "tests/soundness/corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/pipeline/audit.h"

namespace kverify::soundness {

namespace {

namespace fs = std::filesystem;

bool isAboutValues(const std::string& check) {
  return check.starts_with("numerics.");
}

KernelReport audit(const pipeline::Job& job, pipeline::Stages stages, const MutantOptions& how) {
  pipeline::AuditOptions options;
  options.stages = stages;
  options.compile.headers = frontend::CudaHeaders::Builtin;
  options.budget.cases = how.cases;
  options.budget.work = how.work;
  options.budget.large_work = how.work;
  options.steps = std::uint64_t{1} << 26;
  return pipeline::auditJob(job, options);
}

std::string nameOf(const Outcome& outcome) {
  return std::holds_alternative<Proved>(outcome)    ? "proved"
         : std::holds_alternative<Refuted>(outcome) ? "refuted"
         : std::holds_alternative<Tested>(outcome)  ? "tested"
                                                    : "unknown";
}

} // namespace

MutantJudged judgeMutant(const Mutant& mutant, const std::string& kernel_folder, const std::string& scratch,
                         const MutantOptions& options, const std::vector<std::string>& forged) {
  MutantJudged judged;
  std::error_code ignored;
  fs::create_directories(scratch, ignored);
  fs::copy_file(kernel_folder + "/contract.json", scratch + "/contract.json", fs::copy_options::overwrite_existing,
                ignored);
  std::ofstream(scratch + "/kernel.cu") << mutant.source;
  pipeline::Job job;
  job.source = scratch + "/kernel.cu";
  job.contract = scratch + "/contract.json";
  job.compile_commands = false;
  KernelReport formal = audit(job, {.fuzz = false, .formal = true}, options);
  if (formal.error) {
    judged.error = formal.error->message;
    return judged;
  }
  judged.compiled = true;
  for (const CheckOutcome& one : formal.outcomes) {
    judged.formal[one.check] = nameOf(one.outcome);
    const auto* unknown = std::get_if<Unknown>(&one.outcome);
    if (unknown && unknown->code == unknown_reason::tool_error)
      judged.wrong.push_back(one.check + ": " + unknown->detail);
  }
  for (const std::string& check : forged)
    judged.formal[check] = "proved";
  KernelReport fuzz = audit(job, {.fuzz = true, .formal = false}, options);
  for (const Finding& finding : fuzz.findings) {
    std::string check = finding.check == "barrier.deadlock" ? "barrier.divergent" : finding.check;
    if (isAboutValues(check))
      continue;
    judged.broken.emplace(check, finding.message + " (" + finding.launch + ")");
    auto outcome = judged.formal.find(check);
    if (outcome != judged.formal.end() && outcome->second == "proved")
      judged.wrong.push_back(check + " is proved, and " + finding.message + " (" + finding.launch + ")");
  }
  return judged;
}

void MutantCounts::add(const MutantJudged& one) {
  ++mutants;
  if (!one.compiled) {
    ++not_compiled;
    return;
  }
  auto any = [&](const char* what) {
    return std::any_of(one.formal.begin(), one.formal.end(), [&](const auto& entry) { return entry.second == what; });
  };
  broken += std::any_of(one.broken.begin(), one.broken.end(),
                        [&](const auto& entry) { return one.formal.count(entry.first) > 0; });
  bool is_refuted = any("refuted"), is_unknown = any("unknown");
  refuted += is_refuted;
  unknown += is_unknown && !is_refuted;
  proved += !is_refuted && !is_unknown;
  wrong += !one.wrong.empty();
}

} // namespace kverify::soundness
