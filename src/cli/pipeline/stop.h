#pragma once
// Why work must end early. Shared by the signal handler, the deadline and the workers.
#include <atomic>

namespace kverify::pipeline {

enum class StopReason : int { None = 0, Interrupted, TimeBudget };

/// Both members are lock-free, so that a signal handler may set them.
struct StopSwitch {
  std::atomic<bool> stop{false};
  std::atomic<StopReason> reason{StopReason::None};

  /// The first reason given is the one that stays.
  void request(StopReason why) {
    StopReason none = StopReason::None;
    reason.compare_exchange_strong(none, why);
    stop = true;
  }
};

} // namespace kverify::pipeline
