#pragma once
// Length-prefixed, versioned, checked messages over a pair of file descriptors.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kverify::cuda {

/// Both ends must be of one build's protocol: raise it with every change of messages.h.
inline constexpr std::uint16_t kProtocolVersion = 1;
/// The largest message either end will take memory for.
inline constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 36;

struct Frame {
  std::uint16_t type = 0;
  std::vector<std::uint8_t> payload;
};

enum class FrameStatus {
  Ok,
  Closed,   ///< the other end is gone
  TimedOut, ///< the deadline passed
  Broken,   ///< not a message of this protocol: wrong magic, version, length or checksum
};

struct FrameResult {
  FrameStatus status = FrameStatus::Closed;
  Frame frame;
  std::string problem; ///< of Broken, one sentence
};

/// 64-bit FNV-1a over words of eight bytes: finds truncated and interleaved messages, not attacks.
std::uint64_t checksumOf(const std::vector<std::uint8_t>& bytes);

/// Waits at most `timeout_ms` for the whole message; negative = for ever.
FrameResult readFrame(int fd, std::int64_t timeout_ms);

/// False where the other end is gone. The caller ignores SIGPIPE.
bool writeFrame(int fd, const Frame& frame);

} // namespace kverify::cuda
