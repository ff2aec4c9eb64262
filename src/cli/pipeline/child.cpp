#include "cli/pipeline/child.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/json.h"
#include "sandbox/process_tree.h"

namespace kverify::pipeline {
namespace {

constexpr std::size_t kLastWords = 2000;

std::string sized(std::uint64_t bytes) {
  if (bytes >= (std::uint64_t{1} << 30))
    return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1 << 30));
  return fmt::format("{:.0f} MiB", static_cast<double>(bytes) / (1 << 20));
}

/// The last line that says something, without what a terminal would obey.
std::string lastLine(const std::string& text) {
  std::string plain;
  for (char c : text)
    plain += c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) ? c : '?';
  while (!plain.empty() && (plain.back() == '\n' || plain.back() == ' '))
    plain.pop_back();
  std::size_t begin = plain.rfind('\n');
  return plain.substr(begin == std::string::npos ? 0 : begin + 1).substr(0, 200);
}

} // namespace

Child::Child(std::size_t index, const IsolatedJob& job, const IsolateOptions& options)
    : index_(index), options_(&options) {
  sandbox::Cage cage = options.cage;
  if (!options.tmp.empty()) {
    tmp_ = fmt::format("{}/{}", options.tmp, index);
    std::error_code error;
    std::filesystem::create_directory(tmp_, error);
    if (error) {
      start_error_ = fmt::format("'{}' could not be made: {}", tmp_, error.message());
      tmp_.clear();
      return;
    }
    cage.policy.tmp = tmp_;
  }
  started_ = sandbox::start(cage, [&](int fd, const sandbox::Layers&) { return beWorker(fd, index, job); });
  if (failed())
    start_error_ = std::strerror(errno);
  else
    death_ = static_cast<int>(syscall(SYS_pidfd_open, started_.pid, 0));
}

void Child::addTo(std::vector<pollfd>& fds) const {
  for (int fd : {started_.result, started_.said, death_})
    if (fd >= 0)
      fds.push_back({fd, POLLIN, 0});
}

void Child::readAll(int& fd, bool is_result) {
  constexpr int kAtATime = 64; // what never stops talking must not keep the others waiting
  char bytes[1 << 16];
  for (int chunk = 0; fd >= 0 && chunk < kAtATime; ++chunk) {
    ssize_t n = read(fd, bytes, sizeof(bytes));
    if (n == 0)
      close(std::exchange(fd, -1));
    if (n == 0 || (n < 0 && errno != EINTR))
      return;
    std::string_view text(bytes, n > 0 ? static_cast<std::size_t>(n) : 0);
    if (is_result && !ear_.hear(text))
      return kill({unknown_reason::tool_error, "the process said more than any report is"});
    if (!is_result) {
      last_words_ += text;
      last_words_.erase(0, last_words_.size() > kLastWords ? last_words_.size() - kLastWords : 0);
    }
  }
}

void Child::listen() {
  readAll(started_.result, true);
  readAll(started_.said, false);
}

bool Child::isOver() {
  if (started_.pid < 0)
    return true;
  pid_t gone = waitpid(started_.pid, &status_, WNOHANG);
  if (gone == 0 || (gone < 0 && errno == EINTR))
    return false;
  listen();
  for (int* fd : {&started_.result, &started_.said, &death_})
    if (*fd >= 0)
      close(std::exchange(*fd, -1));
  started_.pid = -1;
  std::error_code ignored;
  if (!tmp_.empty())
    std::filesystem::remove_all(tmp_, ignored);
  return true;
}

void Child::kill(Unknown why) {
  if (!killed_for_)
    killed_for_ = std::move(why);
  sandbox::end(started_);
}

void Child::watch() {
  if (killed_for_ || started_.pid < 0)
    return;
  sandbox::TreeUse use = sandbox::useOf(started_.pid);
  if (options_->memory_bytes && use.memory_bytes > options_->memory_bytes)
    return kill({unknown_reason::memory_limit,
                 fmt::format("judging it took {} of memory, more than the {} allowed", sized(use.memory_bytes),
                             sized(options_->memory_bytes))});
  if (use.processes > options_->processes)
    return kill({unknown_reason::process_limit,
                 fmt::format("judging it took more than {} processes", options_->processes)});
  auto now = Clock::now();
  std::chrono::duration<double> age = now - start_;
  if (options_->kernel_seconds <= 0 || age.count() < options_->kernel_seconds)
    return;
  if (!out_of_time_) {
    out_of_time_ = now;
    ::kill(started_.pid, SIGUSR1);
  }
  if (std::chrono::duration<double>(now - *out_of_time_).count() >= options_->grace_seconds)
    kill({unknown_reason::time_limit, fmt::format("judging it took longer than {:.0f} s", options_->kernel_seconds)});
}

void Child::tellToStop(StopReason why) {
  if (started_.pid < 0 || told_to_stop_)
    return;
  told_to_stop_ = true;
  ::kill(started_.pid, why == StopReason::TimeBudget ? SIGUSR1 : SIGTERM);
}

void Child::killUntold(const Unknown& why) {
  if (!killed_for_)
    kill(why);
}

Unknown Child::howItEnded() const {
  std::string words = lastLine(last_words_);
  std::string said = words.empty() ? "" : fmt::format("; its last words: {}", words);
  int code = WIFEXITED(status_) ? WEXITSTATUS(status_) : sandbox::kKilledBase + WTERMSIG(status_);
  if (code == sandbox::kCageFailed)
    return {unknown_reason::no_sandbox, "its process could not be shut in as the others were" + said};
  if (code == sandbox::kKilledBase + SIGKILL)
    return {unknown_reason::memory_limit, "the process was killed by the system, most likely for its memory" + said};
  if (code > sandbox::kKilledBase)
    return {unknown_reason::crash, fmt::format("kverify itself crashed on this kernel (signal {}){}",
                                               strsignal(code - sandbox::kKilledBase), said)};
  return {unknown_reason::crash,
          fmt::format("kverify itself gave up on this kernel without a report (exit status {}){}", code, said)};
}

KernelReport Child::withWhatWasFound(const KernelReport& known, const Unknown& why) const {
  KernelReport report = unjudged(known, why, options_->stages);
  auto found = ear_.found ? report::kernelFromJson(*ear_.found) : Expected<KernelReport>(tl::unexpected(ToolError{}));
  if (!found)
    return report;
  for (CheckOutcome& one : found->outcomes) {
    if (!std::holds_alternative<Refuted>(one.outcome))
      continue;
    std::erase_if(report.outcomes,
                  [&](const CheckOutcome& o) { return o.check == one.check && o.stage == one.stage; });
    report.outcomes.push_back(std::move(one));
  }
  for (Finding& finding : found->findings)
    if (finding.confirmed)
      report.findings.push_back(std::move(finding));
  report.kernel = found->kernel;
  report.headers = found->headers;
  report.target = found->target;
  report.source_sha256 = found->source_sha256;
  report.verdict = foldVerdict(report.outcomes, options_->policy);
  return report;
}

KernelReport Child::accepted(const KernelReport& known, KernelReport report) const {
  report.file = known.file;
  report.contract = known.contract;
  if (out_of_time_)
    for (CheckOutcome& one : report.outcomes)
      if (auto* unknown = std::get_if<Unknown>(&one.outcome); unknown && unknown->code == unknown_reason::time_budget)
        *unknown = {unknown_reason::time_limit,
                    fmt::format("judging it took longer than {:.0f} s", options_->kernel_seconds)};
  report.verdict = foldVerdict(report.outcomes, options_->policy);
  return report;
}

bool Child::endedWell() const {
  return !killed_for_ && ear_.result && WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
}

KernelReport Child::verdict(const KernelReport& known) const {
  KernelReport report;
  if (killed_for_) {
    report = withWhatWasFound(known, *killed_for_);
  } else if (endedWell()) {
    auto read = report::kernelFromJson(*ear_.result);
    if (read)
      return accepted(known, std::move(*read));
    report = withWhatWasFound(known, {unknown_reason::tool_error, read.error().message});
  } else {
    report = withWhatWasFound(known, howItEnded());
  }
  report.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  return report;
}

} // namespace kverify::pipeline
