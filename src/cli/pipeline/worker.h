#pragma once
// The two ends of the pipe between a job's process and the one that waits for it. Lines: "P done total" progress,
// "F json" what was found so far, "C text" to be kept, "R json" the report. Whoever reads them trusts none: the process
// may have been taken over by the source that it judges.
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cli/pipeline/stop.h"
#include "kverify/report.h"

namespace kverify::pipeline {

/// A job's end of it. Safe from any thread.
class JobLink {
public:
  JobLink(int fd, StopSwitch& stop) : stop(stop), fd_(fd) {}

  void progress(std::size_t done, std::size_t total);
  /// What is known so far: where the process dies later, its refutations are not lost.
  void soFar(const KernelReport& report);
  /// For IsolateOptions::keep.
  void keep(std::string_view text);
  void finish(const KernelReport& report);

  StopSwitch& stop; ///< the job's own

private:
  void send(char kind, std::string_view text);
  int fd_;
  std::mutex mutex_;
};

/// Runs in a process of its own.
using IsolatedJob = std::function<KernelReport(std::size_t index, JobLink& link)>;

/// What runs in the sandbox: the job between its signal handlers and its report. Returns the exit status.
int beWorker(int fd, std::size_t index, const IsolatedJob& job);

/// The other end: lines taken apart.
class JobEar {
public:
  /// False where no honest job would say this: a line without end.
  bool hear(std::string_view bytes);

  std::size_t cases_done = 0, cases = 0;
  std::optional<std::string> found, kept, result;

private:
  std::string buffer_;
};

} // namespace kverify::pipeline
