#include "cli/pipeline/isolate.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/pipeline/audit.h"
#include "report/json.h"

namespace kverify::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

StopSwitch* child_stop = nullptr;

void onChildSignal(int signal) {
  child_stop->request(signal == SIGUSR1 ? StopReason::TimeBudget : StopReason::Interrupted);
}

void writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// What the child does: lines "P done total" while it works, "S json" after a stage, one line "R json" at the end.
[[noreturn]] void beChild(int fd, std::size_t index, const IsolatedJob& job) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  static StopSwitch stop;
  child_stop = &stop;
  std::signal(SIGINT, SIG_IGN); // a terminal sends it to everyone; the parent passes on what it means
  std::signal(SIGTERM, onChildSignal);
  std::signal(SIGUSR1, onChildSignal);
  std::mutex mutex;
  auto say = [&](const std::string& line) {
    std::lock_guard lock(mutex);
    writeAll(fd, line);
  };
  KernelReport report = job(index, stop,
                            {.progress = [&](std::size_t done, std::size_t total) { say(fmt::format("P {} {}\n", done, total)); },
                             .so_far = [&](const KernelReport& known) { say("S " + report::kernelToJson(known) + "\n"); }});
  writeAll(fd, "R " + report::kernelToJson(report) + "\n");
  std::fflush(nullptr);
  _exit(0);
}

struct Child {
  std::size_t index;
  pid_t pid;
  int fd;
  std::string buffer;
  std::optional<std::string> result, so_far;
  bool killed = false;
  std::size_t cases_done = 0, cases = 0;
};

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

  void checkClock() {
    std::chrono::duration<double> elapsed = Clock::now() - start_;
    if (options_.time_budget_seconds > 0 && elapsed.count() > options_.time_budget_seconds)
      options_.stop ? options_.stop->request(StopReason::TimeBudget) : void();
    if (reason() == StopReason::None)
      return;
    if (!told_at_) {
      told_at_ = Clock::now();
      for (const Child& child : children_)
        kill(child.pid, reason() == StopReason::TimeBudget ? SIGUSR1 : SIGTERM);
    }
    std::chrono::duration<double> waited = Clock::now() - *told_at_;
    if (waited.count() < options_.grace_seconds)
      return;
    for (Child& child : children_) {
      child.killed = true;
      kill(child.pid, SIGKILL);
    }
  }

  void startMore() {
    while (next_ < known_.size() && children_.size() < std::max<std::size_t>(1, options_.children)) {
      std::size_t index = next_++;
      if (reason() != StopReason::None)
        finish(index, unjudged(known_[index], whyNotRun(), options_.stages));
      else if (!spawn(index))
        finish(index, unjudged(known_[index], {unknown_reason::tool_error,
                                               fmt::format("no process could be started: {}", std::strerror(errno))},
                               options_.stages));
    }
  }

  bool spawn(std::size_t index) {
    int ends[2];
    if (pipe(ends) != 0)
      return false;
    std::fflush(nullptr);
    pid_t pid = fork();
    if (pid == 0) {
      close(ends[0]);
      for (const Child& other : children_)
        close(other.fd);
      beChild(ends[1], index, job_);
    }
    close(ends[1]);
    if (pid < 0) {
      close(ends[0]);
      return false;
    }
    children_.push_back({.index = index, .pid = pid, .fd = ends[0]});
    return true;
  }

  void listen() {
    std::vector<pollfd> fds;
    for (const Child& child : children_)
      fds.push_back({child.fd, POLLIN, 0});
    if (fds.empty() || poll(fds.data(), fds.size(), 50) < 0)
      return;
    for (std::size_t i = fds.size(); i-- > 0;) {
      if (!fds[i].revents)
        continue;
      char bytes[1 << 16];
      ssize_t n = read(children_[i].fd, bytes, sizeof(bytes));
      if (n > 0)
        hear(children_[i], std::string_view(bytes, static_cast<std::size_t>(n)));
      else if (n == 0 || errno != EINTR)
        bury(i);
    }
  }

  void hear(Child& child, std::string_view bytes) {
    child.buffer += bytes;
    for (std::size_t end; (end = child.buffer.find('\n')) != std::string::npos; child.buffer.erase(0, end + 1)) {
      std::string line = child.buffer.substr(0, end);
      if (line.starts_with("R "))
        child.result = line.substr(2);
      if (line.starts_with("S "))
        child.so_far = line.substr(2);
      std::sscanf(line.c_str(), "P %zu %zu", &child.cases_done, &child.cases);
    }
  }

  /// Also when no child has anything new to say: a case that takes minutes must not look dead.
  void tellProgress() {
    if (!options_.progress || children_.empty())
      return;
    const Child& oldest = children_.front();
    options_.progress(done_, oldest.index, oldest.cases_done, oldest.cases);
  }

  void bury(std::size_t at) {
    Child child = std::move(children_[at]);
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(at));
    close(child.fd);
    int status = 0;
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    finish(child.index, verdictOf(child, status));
  }

  KernelReport verdictOf(const Child& child, int status) const {
    const KernelReport& known = known_[child.index];
    if (child.result && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      auto report = report::kernelFromJson(*child.result);
      if (report)
        return std::move(*report);
      return unjudged(known, {unknown_reason::tool_error, report.error().message}, options_.stages);
    }
    return withTheRestUnjudged(child, whyItEnded(child, status));
  }

  Unknown whyItEnded(const Child& child, int status) const {
    if (child.killed)
      return whyNotRun();
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
      return {unknown_reason::memory_limit, "the process was killed, most likely for its memory"};
    std::string how = WIFSIGNALED(status) ? fmt::format("signal {}", strsignal(WTERMSIG(status)))
                                          : fmt::format("exit status {}", WEXITSTATUS(status));
    return {unknown_reason::tool_error, fmt::format("kverify itself crashed on this kernel ({})", how)};
  }

  /// What was found before the job ended stays. All else is Unknown: a pass of an audit that did not end is no pass.
  KernelReport withTheRestUnjudged(const Child& child, const Unknown& why) const {
    const KernelReport& known = known_[child.index];
    auto so_far = child.so_far ? report::kernelFromJson(*child.so_far) : tl::unexpected(ToolError{});
    if (!so_far)
      return unjudged(known, why, options_.stages);
    for (CheckOutcome& outcome : so_far->outcomes)
      if (!std::holds_alternative<Refuted>(outcome.outcome))
        outcome.outcome = why;
    auto isDone = [&](const char* stage) {
      return std::any_of(so_far->outcomes.begin(), so_far->outcomes.end(),
                         [&](const CheckOutcome& outcome) { return outcome.stage == stage; });
    };
    Stages rest = options_.stages;
    rest.fuzz = rest.fuzz && !isDone("fuzz");
    rest.stability = rest.stability && !isDone("stability");
    rest.formal = rest.formal && !isDone("formal");
    rest.lint = rest.lint && !isDone("static");
    return unjudged(std::move(*so_far), why, rest);
  }

  void finish(std::size_t index, KernelReport report) {
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
  Clock::time_point start_;
  std::optional<Clock::time_point> told_at_;
};

} // namespace

std::vector<KernelReport> runIsolated(const std::vector<KernelReport>& known, const IsolatedJob& job,
                                      const IsolateOptions& options) {
  return Supervisor(known, job, options).run();
}

} // namespace kverify::pipeline
