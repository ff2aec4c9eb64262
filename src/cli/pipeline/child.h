#pragma once
// One job's process as the one that waits for it sees it: its pipes, its clock, its memory, and what its end means.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <poll.h>

#include "cli/pipeline/isolate.h"
#include "cli/pipeline/worker.h"
#include "kverify/report.h"
#include "sandbox/spawn.h"

namespace kverify::pipeline {

class Child {
public:
  using Clock = std::chrono::steady_clock;

  /// Started, or not: see `failed`.
  Child(std::size_t index, const IsolatedJob& job, const IsolateOptions& options);
  Child(Child&&) = default;
  Child& operator=(Child&&) = default;

  bool failed() const { return started_.pid < 0; }
  std::size_t index() const { return index_; }
  const JobEar& ear() const { return ear_; }
  const std::string& startError() const { return start_error_; }

  void addTo(std::vector<pollfd>& fds) const;
  /// Reads what is there.
  void listen();
  /// True once it is gone and all that it said was read.
  bool isOver();
  /// Looks at memory, processes and time, and ends what has had too much.
  void watch();
  /// The whole audit is to end: asked first, killed where that does not help within the grace.
  void tellToStop(StopReason why);
  void killUntold(const Unknown& why);

  /// Nothing from outside cut it short.
  bool isWhole() const { return !told_to_stop_; }

  /// It ended by itself, with a report.
  bool endedWell() const;

  /// What its end means for the kernel. Never a pass that the job did not finish.
  KernelReport verdict(const KernelReport& known) const;

private:
  void kill(Unknown why);
  void readAll(int& fd, bool is_result);
  KernelReport withWhatWasFound(const KernelReport& known, const Unknown& why) const;
  KernelReport accepted(const KernelReport& known, KernelReport report) const;
  Unknown howItEnded() const;

  std::size_t index_ = 0;
  const IsolateOptions* options_ = nullptr;
  sandbox::Started started_;
  std::string tmp_, start_error_;
  int death_ = -1; ///< pidfd: readable once the keeper is gone
  int status_ = 0;
  JobEar ear_;
  std::string last_words_; ///< the end of what it wrote to its standard output and error
  std::optional<Unknown> killed_for_;
  bool told_to_stop_ = false;
  Clock::time_point start_ = Clock::now();
  std::optional<Clock::time_point> out_of_time_;
};

} // namespace kverify::pipeline
