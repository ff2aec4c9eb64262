#pragma once
// Progress on stderr: a bar on a terminal, a heartbeat line elsewhere (CI logs), nothing in short runs.
#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>

namespace kverify::report {

class Progress {
public:
  enum class Mode { Off, Bar, Heartbeat };

  /// Bar where `stream` is a terminal, else Heartbeat.
  static Mode modeFor(std::FILE* stream);

  /// `stream` must outlive this. A heartbeat comes at most every `heartbeat_seconds`.
  Progress(Mode mode, std::FILE* stream, double heartbeat_seconds = 10);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// So many are done already, by an earlier run: the time that is left is not told from them.
  void startFrom(std::size_t done) { before_ = done; }

  /// Says where the work stands: `done` of `total`, and what is being worked on. Safe from any thread.
  void show(std::size_t done, std::size_t total, const std::string& what);

  /// Takes the bar away, so that other output starts on a clean line.
  void clear();

  /// "4 min left", after so many seconds; empty where nothing can be told yet.
  std::string timeLeft(std::size_t done, std::size_t total, double seconds) const;

private:
  using Clock = std::chrono::steady_clock;
  Mode mode_;
  std::FILE* stream_;
  std::chrono::duration<double> interval_;
  Clock::time_point start_, last_;
  std::size_t before_ = 0;
  bool drawn_ = false;
  std::mutex mutex_;
};

} // namespace kverify::report
