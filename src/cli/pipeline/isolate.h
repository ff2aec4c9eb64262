#pragma once
// Each job in a process of its own: a crash, a runaway compiler or memory that runs out costs one kernel's verdict, not
// the report. Must be called while this process has one thread.
#include <cstddef>
#include <functional>
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/stop.h"
#include "kverify/report.h"

namespace kverify::pipeline {

/// What a job tells while it works, from any thread.
struct Telling {
  std::function<void(std::size_t done, std::size_t total)> progress;
  /// The report as it is after a stage: what is left of the job if it is killed or crashes later.
  std::function<void(const KernelReport&)> so_far;
};

/// Runs in the child. `stop` is the child's own.
using IsolatedJob = std::function<KernelReport(std::size_t index, StopSwitch& stop, const Telling& tell)>;

struct IsolateOptions {
  Stages stages;                  ///< that the job runs
  std::size_t children = 1;       ///< at a time
  StopSwitch* stop = nullptr;     ///< set by Ctrl-C
  double time_budget_seconds = 0; ///< 0 = none
  double grace_seconds = 10;      ///< how long a child may take to end by itself once it was told to
  /// Told all the time: jobs that are done, the oldest that still runs, and how far it is.
  std::function<void(std::size_t jobs_done, std::size_t job, std::size_t done, std::size_t total)> progress;
  /// Told once per job, in the order of the jobs.
  std::function<void(const KernelReport&)> finished;
};

/// One report per entry of `known` (which has file, kernel and contract filled in), in that order. Jobs that crash,
/// that are killed or that never started have Unknown outcomes that say so, beside what they had found by then.
std::vector<KernelReport> runIsolated(const std::vector<KernelReport>& known, const IsolatedJob& job,
                                      const IsolateOptions& options);

} // namespace kverify::pipeline
