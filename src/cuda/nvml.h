#pragma once
// Clocks, temperature and throttle reasons, where the management library is there. It is only asked, never told.
#include <memory>
#include <string>

#include "cuda/messages.h"

namespace kverify::cuda {

/// Bits of nvmlClocksEventReasons that make a sample worthless: the card ran slower than it can.
inline constexpr std::int64_t kThrottleBits = 0x4    // software power cap
                                              | 0x8  // hardware slowdown
                                              | 0x20 // software thermal slowdown
                                              | 0x40 // hardware thermal slowdown
                                              | 0x80; // hardware power brake

/// "software power cap, hardware slowdown", or "none".
std::string throttleText(std::int64_t reasons);

class Nvml {
public:
  /// Never fails: without the library every answer is "unknown". $KVERIFY_LIBNVML names another library (tests).
  /// `bus_id`: the device as CUDA names it ("0000:1B:00.0").
  static std::unique_ptr<Nvml> open(const std::string& bus_id);
  virtual ~Nvml() = default;
  virtual Health health() const = 0;
  virtual std::string driverVersion() const = 0;
};

} // namespace kverify::cuda
