#include "cli/pipeline/worker.h"

#include <algorithm>
#include <csignal>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "core/descriptor.h"
#include "report/json.h"

namespace kverify::pipeline {
namespace {

/// A report of a thousand findings is a megabyte.
constexpr std::size_t kLongestLine = std::size_t{256} << 20;

StopSwitch* worker_stop = nullptr;

void onStop(int signal) {
  worker_stop->request(signal == SIGUSR1 ? StopReason::TimeBudget : StopReason::Interrupted);
}

void listenForStop(StopSwitch& stop) {
  worker_stop = &stop;
  std::signal(SIGTERM, onStop);
  std::signal(SIGUSR1, onStop);
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGTERM);
  sigaddset(&both, SIGUSR1);
  sigprocmask(SIG_UNBLOCK, &both, nullptr);
}

} // namespace

void JobLink::send(char kind, std::string_view text) {
  const std::string line = fmt::format("{} {}\n", kind, text);
  std::lock_guard lock(mutex_);
  writeAll(fd_, line); // who reads it may be gone
}

void JobLink::progress(std::size_t done, std::size_t total) {
  send('P', fmt::format("{} {}", done, total));
}

void JobLink::soFar(const KernelReport& report) {
  send('F', report::kernelToJson(report));
}

void JobLink::keep(std::string_view text) {
  std::string one_line(text);
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  send('C', one_line);
}

void JobLink::finish(const KernelReport& report) {
  send('R', report::kernelToJson(report));
}

int beWorker(int fd, std::size_t index, const IsolatedJob& job) {
  static StopSwitch stop;
  listenForStop(stop);
  JobLink link(fd, stop);
  link.finish(job(index, link));
  return 0;
}

bool JobEar::hear(std::string_view bytes) {
  std::size_t begin = 0, from = buffer_.size(); // what was there has no end of line
  buffer_ += bytes;
  for (std::size_t end; (end = buffer_.find('\n', from)) != std::string::npos; begin = from = end + 1) {
    std::string line = buffer_.substr(begin, end - begin);
    std::string text = line.size() > 2 ? line.substr(2) : "";
    if (line.starts_with("R "))
      result = std::move(text);
    else if (line.starts_with("F "))
      found = std::move(text);
    else if (line.starts_with("C "))
      kept = std::move(text);
    else
      std::sscanf(line.c_str(), "P %zu %zu", &cases_done, &cases);
  }
  buffer_.erase(0, begin);
  return buffer_.size() <= kLongestLine;
}

} // namespace kverify::pipeline
