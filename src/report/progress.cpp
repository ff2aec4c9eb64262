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

void Progress::show(std::size_t done, std::size_t total, const std::string& what) {
  if (mode_ == Mode::Off)
    return;
  std::lock_guard lock(mutex_);
  auto now = Clock::now();
  if (now - last_ < interval_)
    return;
  last_ = now;
  double seconds = std::chrono::duration<double>(now - start_).count();
  if (mode_ == Mode::Bar) {
    constexpr std::size_t kWidth = 24;
    std::size_t full = total ? std::min(kWidth, kWidth * done / total) : 0;
    std::string bar = std::string(full, '#') + std::string(kWidth - full, '.');
    fmt::print(stream_, "\r\x1b[K[{}] {}/{} {}", bar, done, total, what.substr(0, 48));
    drawn_ = true;
  } else {
    fmt::print(stream_, "kverify: {:.0f} s, {} of {} done, now {}\n", seconds, done, total, what);
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
