#pragma once
// Device memory of one job: plain allocations, each between two guard zones whose pattern is known.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cuda/driver.h"
#include "cuda/messages.h"

namespace kverify::cuda {

/// A failure of the driver, with the question that failed.
struct DriverError {
  CuResult error = result::success;
  std::string what;
  explicit operator bool() const { return error != result::success; }
};

/// The guards' byte at a place of the allocation.
inline std::uint8_t guardByte(std::uint64_t seed, std::uint64_t place) {
  return static_cast<std::uint8_t>((place * 167 + 13) ^ (place >> 8) ^ (seed * 0x9d)) | 1; // never the byte of a zeroed line
}

class Buffers {
public:
  explicit Buffers(const Driver& driver) : driver_(driver) {}
  ~Buffers() { release(); }
  Buffers(const Buffers&) = delete;
  Buffers& operator=(const Buffers&) = delete;

  /// Allocates and paints the guards. Contents come with fill().
  DriverError allocate(const std::vector<JobBuffer>& buffers, std::uint64_t guard_bytes, std::uint64_t seed);
  /// Gives every buffer what it must hold before the launch. Patterns are made by `fill_kernel`.
  DriverError fill(CuFunction fill_kernel);
  /// Starts making the patterns of this set of contents; does not wait.
  DriverError fillPatterns(CuFunction fill_kernel, std::uint64_t set);
  /// Outputs are poisoned, the others are left alone.
  DriverError poison();
  CuPointer address(std::size_t buffer) const { return places_[buffer].data; }
  std::uint64_t bytesOf(std::size_t buffer) const { return buffers_[buffer].bytes; }
  std::size_t count() const { return buffers_.size(); }
  /// Guards, and read-only buffers with contents, that are not what they were.
  DriverError findDamage(std::vector<Damage>& damage) const;
  DriverError read(const JobSlice& slice, std::vector<std::uint8_t>& to) const;
  void release();

private:
  struct Place {
    CuPointer base = 0, data = 0;
    std::uint64_t before = 0, behind = 0; ///< bytes of the guards
  };
  DriverError paint(const Place& place, std::uint64_t bytes);
  DriverError checkGuard(std::uint32_t buffer, bool behind, std::vector<Damage>& damage) const;

  const Driver& driver_;
  std::vector<JobBuffer> buffers_;
  std::vector<Place> places_;
  std::uint64_t seed_ = 0;
};

} // namespace kverify::cuda
