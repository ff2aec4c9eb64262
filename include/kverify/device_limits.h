#pragma once
// What a device takes of a launch: CUDA C++ Programming Guide, technical specifications per compute capability.
#include <cstdint>
#include <string_view>

namespace kverify::device_limits {

inline constexpr std::int64_t threads_per_block = 1024;
inline constexpr std::int64_t block[3] = {1024, 1024, 64};
inline constexpr std::int64_t grid[3] = {2147483647, 65535, 65535};
inline constexpr std::int64_t static_shared_bytes = 48 << 10;

/// Bytes of shared memory, static and dynamic, that a block may have with the opt-in attribute set.
constexpr std::int64_t sharedBytes(std::string_view target) {
  if (target.starts_with("sm_90"))
    return 227 << 10;
  if (target == "sm_86" || target == "sm_89")
    return 99 << 10;
  return 163 << 10;
}

} // namespace kverify::device_limits
