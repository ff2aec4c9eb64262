#include "cuda/frame.h"

#include <cerrno>
#include <chrono>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kverify::cuda {
namespace {

constexpr std::uint32_t kMagic = 0x4757564bu; // "KVWG"

struct Header {
  std::uint32_t magic = kMagic;
  std::uint16_t version = kProtocolVersion;
  std::uint16_t type = 0;
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;
};
static_assert(sizeof(Header) == 24);

using Clock = std::chrono::steady_clock;

class Deadline {
public:
  explicit Deadline(std::int64_t timeout_ms) : forever_(timeout_ms < 0), end_(Clock::now() + std::chrono::milliseconds(timeout_ms)) {}
  /// For poll(): -1 = no end.
  int left() const {
    if (forever_)
      return -1;
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()).count();
    return left > 0 ? static_cast<int>(std::min<std::int64_t>(left + 1, 1 << 30)) : 0;
  }

private:
  bool forever_;
  Clock::time_point end_;
};

FrameStatus readAll(int fd, void* to, std::uint64_t count, const Deadline& deadline) {
  auto* at = static_cast<std::uint8_t*>(to);
  while (count > 0) {
    pollfd waiting{fd, POLLIN, 0};
    int ready = poll(&waiting, 1, deadline.left());
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready == 0)
      return FrameStatus::TimedOut;
    ssize_t n = read(fd, at, std::min<std::uint64_t>(count, 1 << 24));
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (n <= 0)
      return FrameStatus::Closed;
    at += n;
    count -= static_cast<std::uint64_t>(n);
  }
  return FrameStatus::Ok;
}

bool writeAll(int fd, const void* from, std::uint64_t count) {
  const auto* at = static_cast<const std::uint8_t*>(from);
  while (count > 0) {
    ssize_t n = write(fd, at, std::min<std::uint64_t>(count, 1 << 24));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    at += n;
    count -= static_cast<std::uint64_t>(n);
  }
  return true;
}

} // namespace

std::uint64_t checksumOf(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t hash = 14695981039346656037ull;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + at, 8);
    hash = (hash ^ word) * 1099511628211ull;
  }
  for (; at < bytes.size(); ++at)
    hash = (hash ^ bytes[at]) * 1099511628211ull;
  return hash;
}

FrameResult readFrame(int fd, std::int64_t timeout_ms) {
  Deadline deadline(timeout_ms);
  FrameResult result;
  Header header;
  result.status = readAll(fd, &header, sizeof header, deadline);
  if (result.status != FrameStatus::Ok)
    return result;
  auto broken = [&](std::string problem) {
    result.status = FrameStatus::Broken;
    result.problem = std::move(problem);
    return std::move(result);
  };
  if (header.magic != kMagic)
    return broken("what came is not a message of the GPU worker's protocol");
  if (header.version != kProtocolVersion)
    return broken("the other end speaks version " + std::to_string(header.version) + " of the protocol, not " +
                  std::to_string(kProtocolVersion));
  if (header.bytes > kMostBytes)
    return broken("a message of " + std::to_string(header.bytes) + " bytes is longer than any may be");
  result.frame.type = header.type;
  result.frame.payload.resize(header.bytes);
  result.status = readAll(fd, result.frame.payload.data(), header.bytes, deadline);
  if (result.status == FrameStatus::Ok && checksumOf(result.frame.payload) != header.checksum)
    return broken("a message arrived damaged");
  return result;
}

bool writeFrame(int fd, const Frame& frame) {
  Header header;
  header.type = frame.type;
  header.bytes = frame.payload.size();
  header.checksum = checksumOf(frame.payload);
  return writeAll(fd, &header, sizeof header) && writeAll(fd, frame.payload.data(), frame.payload.size());
}

} // namespace kverify::cuda
