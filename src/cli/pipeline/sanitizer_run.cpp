#include "cli/pipeline/sanitizer_run.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/pipeline/confirm.h"
#include "cuda/sanitizer.h"
#include "cuda/subprocess.h"

namespace kverify::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr double kRunSeconds = 120;
constexpr std::uint32_t kSlowdown = 4; ///< of a launch's wall clock under the tools

struct Tool {
  const char* name;
  std::vector<const char*> checks; ///< that it looks for, as far as it goes
};

const std::vector<Tool>& tools() {
  static const std::vector<Tool> all = {
      {"memcheck", {"bounds.global-read", "bounds.global-write", "bounds.shared-read", "bounds.shared-write", "bounds.local", "align.access"}},
      {"racecheck", {"race.shared-read-write", "race.shared-write-write"}},
      {"initcheck", {"init.global-read"}},
      {"synccheck", {"barrier.divergent", "warp.divergent"}}};
  return all;
}

/// A job in a file, as `kverify-gpu-worker --job` reads it; removed at the end.
class JobFile {
public:
  explicit JobFile(cuda::Job job) {
    // No guards, and outputs as they were allocated: what lies behind a buffer and what was never written is for the tool to see.
    job.guard_bytes = 0;
    job.launch_ms *= kSlowdown;
    for (cuda::JobBuffer& buffer : job.buffers)
      if (buffer.fill == cuda::Fill::Poison)
        buffer.fill = cuda::Fill::Nothing;
    job.all_buffers = false;
    std::string name = (fs::temp_directory_path() / "kverify-job-XXXXXX").string();
    const int fd = mkstemp(name.data());
    if (fd < 0)
      return;
    path_ = name;
    written_ = cuda::writeFrame(fd, cuda::pack(cuda::MessageType::Run, std::move(job)));
    close(fd);
  }
  ~JobFile() {
    if (!path_.empty())
      unlink(path_.c_str());
  }
  JobFile(const JobFile&) = delete;
  JobFile& operator=(const JobFile&) = delete;
  bool written() const { return written_; }
  const std::string& path() const { return path_; }

private:
  std::string path_;
  bool written_ = false;
};

/// Its places in the user's file, with our spelling of its name.
Finding findingOf(const Subject& subject, const LaunchPlan& plan, const cuda::SanitizerFinding& from) {
  Finding finding{.check = from.check, .message = "compute-sanitizer: " + from.message};
  const std::string base = fs::path(subject.module.source.path).filename().string();
  for (const cuda::SanitizerPlace& place : from.places) {
    const bool own = fs::path(place.file).filename() == base;
    finding.locations.push_back({{{.file = own ? subject.module.source.path : place.file, .line = place.line}}, place.what});
  }
  placeInUserCode(subject, plan, finding);
  for (const auto& [name, value] : plan.sizes)
    finding.launch += fmt::format("{}{}={}", finding.launch.empty() ? "" : " ", name, value);
  return finding;
}

class Stage {
public:
  Stage(const Subject& subject, const AuditOptions& options, std::string sanitizer, cuda::Cubin cubin)
      : subject_(subject), options_(options), sanitizer_(std::move(sanitizer)), cubin_(std::move(cubin)) {}

  /// One tool over one plan, twice where it finds something.
  void run(const Tool& tool, const LaunchPlan& plan) {
    if (!endless_.empty()) // it would be waited for as often as there are tools
      return fail(tool, fmt::format("not tried: {}", endless_));
    auto job = jobOf(subject_, plan, cubin_, options_.backend.launch_ms);
    if (!job)
      return fail(tool, job.error().message);
    JobFile file(std::move(*job));
    if (!file.written())
      return fail(tool, "no file for the job can be written");
    cuda::SanitizerReport first = runOnce(tool, file.path());
    if (!first.ran)
      return fail(tool, first.problem);
    ++runs_[tool.name];
    if (first.findings.empty())
      return;
    cuda::SanitizerReport second = runOnce(tool, file.path());
    std::vector<Finding> again;
    for (const cuda::SanitizerFinding& one : second.findings)
      again.push_back(findingOf(subject_, plan, one));
    for (const cuda::SanitizerFinding& one : first.findings) {
      Finding finding = findingOf(subject_, plan, one);
      if (finding.check.empty()) {
        notes_.push_back(finding.message);
        continue;
      }
      finding.confirmed = findAgain(finding, again) != nullptr;
      finding.fingerprint = fingerprintOf(finding, subject_.displayName(), subject_.module.source.bytes);
      if (!findAgain(finding, findings_))
        findings_.push_back(std::move(finding));
    }
  }

  void report(KernelReport& to, double seconds) const {
    for (const Tool& tool : tools())
      for (const char* check : tool.checks)
        to.outcomes.push_back({check, "sanitizer", outcomeOf(tool, check), seconds});
    for (const Finding& finding : findings_)
      if (!findAgain(finding, to.findings))
        to.findings.push_back(finding);
    to.notes.insert(to.notes.end(), notes_.begin(), notes_.end());
  }

private:
  cuda::SanitizerReport runOnce(const Tool& tool, const std::string& job) {
    cuda::ProcessResult run = cuda::runProcess({sanitizer_, "--tool", tool.name, "--strip-paths", "no", "--show-backtrace", "no",
                                                "--print-limit", "400", cuda::workerPath(), "--job", job},
                                               {.timeout_s = kRunSeconds, .environment = {}});
    cuda::SanitizerReport report = cuda::parseSanitizer(run.out + run.err);
    if (run.timed_out) {
      report.ran = false;
      report.problem = fmt::format("{} did not end within {:.0f} s", tool.name, kRunSeconds);
      endless_ = report.problem;
    } else if (run.err.find(fmt::format("kverify-gpu-worker: {}", cuda::nameOf(cuda::JobStatus::Hung))) != std::string::npos) {
      report.ran = false;
      report.problem = endless_ = fmt::format("a launch under {} did not end in its time", tool.name);
    } else if (!report.ran && report.problem.empty()) {
      report.problem = fmt::format("{} came to no summary: {}", tool.name, run.err.substr(0, 200));
    }
    return report;
  }

  void fail(const Tool& tool, const std::string& why) { problems_[tool.name] = why; }

  Outcome outcomeOf(const Tool& tool, const std::string& check) const {
    for (const Finding& finding : findings_)
      if (finding.check == check)
        return finding.confirmed ? Outcome(Refuted{finding.message, ""})
                                 : Outcome(Unknown{unknown_reason::unconfirmed, "seen once, not seen again: " + finding.message});
    if (auto problem = problems_.find(tool.name); problem != problems_.end())
      return Unknown{unknown_reason::tool_error, problem->second};
    auto runs = runs_.find(tool.name);
    if (runs == runs_.end())
      return Unknown{unknown_reason::no_cases, "no case was run"};
    return Tested{.cases = runs->second, .seed = options_.seed, .scope = fmt::format("{} on the GPU", tool.name)};
  }

  const Subject& subject_;
  const AuditOptions& options_;
  std::string sanitizer_;
  cuda::Cubin cubin_;
  std::map<std::string, std::uint64_t> runs_;
  std::map<std::string, std::string> problems_;
  std::vector<Finding> findings_;
  std::vector<std::string> notes_;
  std::string endless_; ///< why no further tool is tried
};

void addUnknown(const Unknown& why, KernelReport& report) {
  for (const Tool& tool : tools())
    for (const char* check : tool.checks)
      report.outcomes.push_back({check, "sanitizer", why, 0});
}

/// The cheapest case, and one of the middle, which has whole tiles and a tail. Without contract all cases are one launch.
std::vector<generate::Case> chosen(const Subject& subject, const std::vector<generate::Case>& cases) {
  std::vector<generate::Case> few = {cases.front()};
  if (cases.size() > 1 && subject.contract)
    few.push_back(cases[cases.size() / 2]);
  return few;
}

} // namespace

void sanitize(const Job& job, const AuditOptions& options, KernelReport& report) {
  const auto start = std::chrono::steady_clock::now();
  if (report.error)
    return;
  const std::string sanitizer = cuda::findSanitizer();
  if (sanitizer.empty())
    return addUnknown({unknown_reason::no_device, "there is no compute-sanitizer"}, report);
  auto device = sharedGpu()->device();
  if (!device)
    return addUnknown({unknown_reason::no_device, device.error().message}, report);
  auto subject = prepare(job, options.compile);
  if (!subject) {
    report.error = subject.error();
    return;
  }
  auto cubin = compileForGpu(*subject, *device);
  auto cases = casesOf(*subject, options.seed, options.budget);
  if (!cubin || !cases || cases->cases.empty())
    return addUnknown({unknown_reason::tool_error, !cubin   ? cubin.error().message
                                                   : !cases ? cases.error().message
                                                            : "no case was drawn"},
                      report);
  Stage stage(*subject, options, sanitizer, std::move(*cubin));
  for (const generate::Case& one : chosen(*subject, cases->cases)) {
    auto plan = planOf(*subject, one, options.memory_bytes);
    for (const Tool& tool : tools())
      if (plan && !(options.stop && options.stop->stop))
        stage.run(tool, *plan);
  }
  stage.report(report, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  report.verdict = foldVerdict(report.outcomes, options.policy);
}

} // namespace kverify::pipeline
