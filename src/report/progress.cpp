#include "report/progress.h"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

namespace kverify::report {

Progress::Mode Progress::modeFor(std::FILE* stream) {
  return isatty(fileno(stream)) ? Mode::Bar : Mode::Heartbeat;
}

Progress::Progress(Mode mode, std::FILE* stream, double heartbeat_seconds)
    : mode_(mode), stream_(stream), interval_(mode == Mode::Bar ? 0.1 : heartbeat_seconds), start_(Clock::now()),
      last_(start_) {}

Progress::~Progress() {
  clear();
}

std::string Progress::timeLeft(std::size_t done, std::size_t total, double seconds) const {
  if (done <= before_ || total <= done || seconds < 2)
    return {};
  double left = seconds / static_cast<double>(done - before_) * static_cast<double>(total - done);
  if (left < 90)
    return fmt::format("{:.0f} s left", left);
  return left < 5400 ? fmt::format("{:.0f} min left", left / 60) : fmt::format("{:.1f} h left", left / 3600);
}

void Progress::show(std::size_t done, std::size_t total, const std::string& what) {
  if (mode_ == Mode::Off)
    return;
  std::lock_guard lock(mutex_);
  auto now = Clock::now();
  if (now - last_ < interval_)
    return;
  last_ = now;
  double seconds = std::chrono::duration<double>(now - start_).count();
  std::string left = timeLeft(done, total, seconds);
  if (mode_ == Mode::Bar) {
    constexpr std::size_t kWidth = 24;
    std::size_t full = total ? std::min(kWidth, kWidth * done / total) : 0;
    std::string bar = std::string(full, '#') + std::string(kWidth - full, '.');
    fmt::print(stream_, "\r\x1b[K[{}] {}/{} {}{}", bar, done, total, left.empty() ? "" : "about " + left + ", ",
               what.substr(0, 48));
    drawn_ = true;
  } else {
    fmt::print(stream_, "kverify: {:.0f} s, {} of {} done, {}now {}\n", seconds, done, total,
               left.empty() ? "" : "about " + left + ", ", what);
  }
  std::fflush(stream_);
}

void Progress::clear() {
  std::lock_guard lock(mutex_);
  if (!drawn_)
    return;
  fmt::print(stream_, "\r\x1b[K");
  std::fflush(stream_);
  drawn_ = false;
}

} // namespace kverify::report
