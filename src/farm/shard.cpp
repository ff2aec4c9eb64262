#include "farm/shard.h"

#include <charconv>

#include <fmt/format.h>

namespace kverify::farm {
namespace {

constexpr unsigned kMostShards = 100000;

/// The number and nothing else.
bool readNumber(std::string_view text, unsigned& value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

} // namespace

Expected<Shard> parseShard(const std::string& text) {
  Shard shard;
  std::size_t slash = text.find('/');
  bool well_formed = slash != std::string::npos && readNumber(std::string_view(text).substr(0, slash), shard.index) &&
                     readNumber(std::string_view(text).substr(slash + 1), shard.count);
  if (!well_formed)
    return fail(ErrorKind::Usage, fmt::format("'{}' is no part of a whole", text), "--shard",
                "for example --shard 2/8, the second of eight");
  if (shard.count < 1 || shard.count > kMostShards)
    return fail(ErrorKind::Usage, fmt::format("there cannot be {} shards", shard.count), "--shard",
                fmt::format("from 1 to {}", kMostShards));
  if (shard.index < 1 || shard.index > shard.count)
    return fail(ErrorKind::Usage, fmt::format("there is no shard {} of {}", shard.index, shard.count), "--shard",
                fmt::format("they are counted from 1: 1/{0} to {0}/{0}", shard.count));
  return shard;
}

unsigned shardOf(std::string_view content_sha256, unsigned count) {
  std::uint64_t number = 0;
  std::string_view digits = content_sha256.substr(0, 16);
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return static_cast<unsigned>(number % count) + 1;
}

} // namespace kverify::farm
