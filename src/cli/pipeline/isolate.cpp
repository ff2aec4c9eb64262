#include "cli/pipeline/isolate.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include <poll.h>

#include "cli/pipeline/child.h"

namespace kverify::pipeline {
namespace {

using Clock = Child::Clock;

/// The whole of runIsolated's state, so that its steps stay short.
class Supervisor {
public:
  Supervisor(const std::vector<KernelReport>& known, const IsolatedJob& job, const IsolateOptions& options)
      : known_(known), job_(job), options_(options), reports_(known.size()), start_(Clock::now()) {}

  std::vector<KernelReport> run() {
    while (done_ < known_.size()) {
      checkClock();
      startMore();
      listen();
      tellProgress();
    }
    std::vector<KernelReport> result;
    for (auto& report : reports_)
      result.push_back(std::move(*report));
    return result;
  }

private:
  StopReason reason() const { return options_.stop ? options_.stop->reason.load() : StopReason::None; }

  Unknown whyNotRun() const {
    if (reason() == StopReason::TimeBudget)
      return {unknown_reason::time_budget, "the time given was used up before this kernel was judged"};
    return {unknown_reason::interrupted, "stopped by the user before this kernel was judged"};
  }

  KernelReport notStarted(std::size_t index, const std::string& why) const {
    return unjudged(known_[index], {unknown_reason::tool_error, "no process could be started: " + why}, options_.stages);
  }

  void checkClock() {
    std::chrono::duration<double> elapsed = Clock::now() - start_;
    if (options_.time_budget_seconds > 0 && elapsed.count() > options_.time_budget_seconds && options_.stop)
      options_.stop->request(StopReason::TimeBudget);
    if (reason() == StopReason::None)
      return;
    if (!told_at_)
      told_at_ = Clock::now();
    for (Child& child : children_)
      child.tellToStop(reason());
    std::chrono::duration<double> waited = Clock::now() - *told_at_;
    if (waited.count() < options_.grace_seconds)
      return;
    for (Child& child : children_)
      child.killUntold(whyNotRun());
  }

  void startMore() {
    while (next_ < known_.size() && children_.size() < std::max<std::size_t>(1, options_.children)) {
      std::size_t index = next_++;
      std::optional<KernelReport> already = options_.before ? options_.before(index) : std::nullopt;
      if (already) {
        finish(index, std::move(*already), true);
      } else if (reason() != StopReason::None) {
        finish(index, unjudged(known_[index], whyNotRun(), options_.stages), false);
      } else {
        Child child(index, job_, options_);
        if (child.failed())
          finish(index, notStarted(index, child.startError()), true);
        else
          children_.push_back(std::move(child));
      }
    }
  }

  void listen() {
    std::vector<pollfd> fds;
    for (const Child& child : children_)
      child.addTo(fds);
    if (!fds.empty())
      poll(fds.data(), fds.size(), 50);
    bool look = Clock::now() - looked_ >= std::chrono::milliseconds(50);
    if (look)
      looked_ = Clock::now();
    for (std::size_t i = children_.size(); i-- > 0;) {
      children_[i].listen();
      if (look)
        children_[i].watch();
      if (children_[i].isOver())
        bury(i);
    }
  }

  /// Also when no child has anything new to say: a case that takes minutes must not look dead.
  void tellProgress() {
    if (!children_.empty())
      tellOf(children_.front());
  }

  void tellOf(const Child& child) const {
    if (options_.progress)
      options_.progress(done_, child.index(), child.ear().cases_done, child.ear().cases);
  }

  void bury(std::size_t at) {
    Child child = std::move(children_[at]);
    tellOf(child); // its last words, which may be its first
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(at));
    if (options_.keep && child.ear().kept && child.endedWell())
      options_.keep(child.index(), *child.ear().kept);
    finish(child.index(), child.verdict(known_[child.index()]), child.isWhole());
  }

  void finish(std::size_t index, KernelReport report, bool whole) {
    if (options_.settled)
      options_.settled(index, report, whole);
    reports_[index] = std::move(report);
    ++done_;
    for (; told_ < reports_.size() && reports_[told_]; ++told_)
      if (options_.finished)
        options_.finished(*reports_[told_]);
  }

  const std::vector<KernelReport>& known_;
  const IsolatedJob& job_;
  const IsolateOptions& options_;
  std::vector<std::optional<KernelReport>> reports_;
  std::vector<Child> children_;
  std::size_t next_ = 0, done_ = 0, told_ = 0;
  Clock::time_point start_, looked_;
  std::optional<Clock::time_point> told_at_;
};

} // namespace

std::vector<KernelReport> runIsolated(const std::vector<KernelReport>& known, const IsolatedJob& job,
                                      const IsolateOptions& options) {
  return Supervisor(known, job, options).run();
}

} // namespace kverify::pipeline
