#pragma once
// Each job in a process of its own, in a sandbox: a crash, a runaway compiler, memory that runs out or a loop without
// end costs one kernel's verdict, not the report. Must be called while this process has one thread.
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "cli/pipeline/audit.h"
#include "cli/pipeline/stop.h"
#include "cli/pipeline/worker.h"
#include "kverify/report.h"
#include "sandbox/spawn.h"

namespace kverify::pipeline {

struct IsolateOptions {
  Stages stages; ///< that the job runs
  Policy policy; ///< the verdict is folded here again: a job's own word for it does not count
  std::size_t children = 1;       ///< at a time
  StopSwitch* stop = nullptr;     ///< set by Ctrl-C
  double time_budget_seconds = 0; ///< 0 = none
  double grace_seconds = 10;      ///< how long a child may take to end by itself once it was told to
  sandbox::Cage cage;             ///< without layers unless asked for; its `tmp` is set here
  std::string tmp;                ///< each child gets a folder of its own in this one; empty = none does
  std::uint64_t memory_bytes = 0; ///< of a child and all that it started; 0 = no limit
  std::size_t processes = 256;    ///< of a child
  double kernel_seconds = 0;      ///< of a child; 0 = no limit
  /// Told all the time: jobs that are done, the oldest that still runs, and how far it is.
  std::function<void(std::size_t jobs_done, std::size_t job, std::size_t done, std::size_t total)> progress;
  /// Told once per job, in the order of the jobs.
  std::function<void(const KernelReport&)> finished;
  /// Told once per job as soon as it ends, in whatever order. `whole`: nothing cut it short from outside.
  std::function<void(std::size_t index, KernelReport& report, bool whole)> settled;
  /// A job that needs not run: its report is known. Called before each start, in this process; the job's process is a
  /// copy of this one, so that what is set here is there.
  std::function<std::optional<KernelReport>(std::size_t index)> before;
  /// What a job wants kept for the next time (JobLink::keep), once it has ended well.
  std::function<void(std::size_t index, const std::string& text)> keep;
};

/// One report per entry of `known` (which has file, kernel and contract filled in), in that order. Jobs that crash,
/// that are killed or that never started have Unknown outcomes that say so; what they had refuted before stays refuted.
std::vector<KernelReport> runIsolated(const std::vector<KernelReport>& known, const IsolatedJob& job,
                                      const IsolateOptions& options);

} // namespace kverify::pipeline
