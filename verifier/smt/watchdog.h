#pragma once
// Ends a query that takes too long, or that nobody waits for any more. Z3's own timeout is not used anywhere: in
// Debian's 4.8.12 its timer thread sometimes never comes back, and the program hangs.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <z3++.h>

namespace kverify::verifier {

class Watchdog {
public:
  /// `stop` may be null.
  Watchdog(z3::context& context, unsigned timeout_ms, const std::atomic<bool>* stop)
      : context_(context), deadline_(Clock::now() + std::chrono::milliseconds(timeout_ms)), stop_(stop),
        thread_([this] { watch(); }) {}
  ~Watchdog() {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  bool expired() const { return expired_; }

private:
  using Clock = std::chrono::steady_clock;

  // An interrupt counts only while Z3 is inside a call, so it is given again and again.
  void watch() {
    std::unique_lock lock(mutex_);
    while (!done_) {
      bool over = Clock::now() >= deadline_ || (stop_ && *stop_);
      if (over) {
        expired_ = true;
        context_.interrupt();
      }
      auto pause = over ? std::chrono::milliseconds(10) : std::chrono::milliseconds(50);
      changed_.wait_until(lock, over ? Clock::now() + pause : std::min(deadline_, Clock::now() + pause));
    }
  }

  z3::context& context_;
  Clock::time_point deadline_;
  const std::atomic<bool>* stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::atomic<bool> expired_{false};
  std::thread thread_;
};

} // namespace kverify::verifier
