#include "cuda/worker/buffers.h"

#include <algorithm>

#include "cuda/pattern.h"

namespace kverify::cuda {
namespace {

/// Buffers keep the alignment that cuMemAlloc gives.
constexpr std::uint64_t kAlignment = 256;

std::uint64_t roundedUp(std::uint64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

} // namespace

DriverError Buffers::allocate(const std::vector<JobBuffer>& buffers, std::uint64_t guard_bytes, std::uint64_t seed) {
  release();
  buffers_ = buffers;
  seed_ = seed;
  for (const JobBuffer& buffer : buffers_) {
    Place place;
    place.before = roundedUp(guard_bytes);
    place.behind = guard_bytes;
    const std::uint64_t total = std::max<std::uint64_t>(1, place.before + buffer.bytes + place.behind);
    if (CuResult error = driver_.memAlloc(&place.base, total))
      return {error, std::to_string(total) + " bytes for buffer '" + buffer.name + "'"};
    place.data = place.base + place.before;
    places_.push_back(place);
    if (DriverError error = paint(place, buffer.bytes))
      return error;
  }
  return {};
}

DriverError Buffers::paint(const Place& place, std::uint64_t bytes) {
  std::vector<std::uint8_t> guard(std::max(place.before, place.behind));
  for (bool behind : {false, true}) {
    const std::uint64_t count = behind ? place.behind : place.before;
    for (std::uint64_t i = 0; i < count; ++i)
      guard[i] = guardByte(seed_, i);
    CuResult error = count ? driver_.memcpyHtoD(behind ? place.data + bytes : place.base, guard.data(), count) : result::success;
    if (error)
      return {error, "the guards"};
  }
  return {};
}

DriverError Buffers::fill(CuFunction fill_kernel) {
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    const JobBuffer& buffer = buffers_[i];
    CuResult error = result::success;
    if (buffer.bytes == 0 || buffer.fill == Fill::Nothing)
      continue;
    if (buffer.fill == Fill::Contents) {
      if (buffer.contents.size() != buffer.bytes)
        return {result::invalid_value, "the contents of buffer '" + buffer.name + "' have another size than the buffer"};
      error = driver_.memcpyHtoD(places_[i].data, buffer.contents.data(), buffer.bytes);
    } else if (buffer.fill == Fill::Poison) {
      error = driver_.memsetD8Async(places_[i].data, 0xff, buffer.bytes, nullptr);
    }
    if (error)
      return {error, "the contents of buffer '" + buffer.name + "'"};
  }
  if (DriverError error = fillPatterns(fill_kernel, 0))
    return error;
  CuResult error = driver_.ctxSynchronize();
  return {error, "the contents of the buffers"};
}

DriverError Buffers::fillPatterns(CuFunction fill_kernel, std::uint64_t set) {
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    const JobBuffer& buffer = buffers_[i];
    if (buffer.fill != Fill::Pattern || buffer.bytes == 0)
      continue;
    if (!fill_kernel)
      return {result::not_found, "the module has no kverify_fill"};
    unsigned long long to = places_[i].data, seed = buffer.pattern_seed + set * kPatternSetStep;
    unsigned long long elements = buffer.bytes / (buffer.element == PatternType::F32 ? 4 : 2);
    int type = static_cast<int>(buffer.element);
    void* arguments[] = {&to, &elements, &seed, &type};
    if (CuResult error = driver_.launchKernel(fill_kernel, 1024, 1, 1, 256, 1, 1, 0, nullptr, arguments, nullptr))
      return {error, "the pattern of buffer '" + buffer.name + "'"};
  }
  return {};
}

DriverError Buffers::poison() {
  for (std::size_t i = 0; i < buffers_.size(); ++i)
    if (buffers_[i].fill == Fill::Poison && buffers_[i].bytes > 0)
      if (CuResult error = driver_.memsetD8Async(places_[i].data, 0xff, buffers_[i].bytes, nullptr))
        return {error, "the poison of buffer '" + buffers_[i].name + "'"};
  return {};
}

DriverError Buffers::checkGuard(std::uint32_t index, bool behind, std::vector<Damage>& damage) const {
  const Place& place = places_[index];
  const std::uint64_t count = behind ? place.behind : place.before, bytes = buffers_[index].bytes;
  if (count == 0)
    return {};
  std::vector<std::uint8_t> now(count);
  if (CuResult error = driver_.memcpyDtoH(now.data(), behind ? place.data + bytes : place.base, count))
    return {error, "reading a guard"};
  Damage found{.buffer = index, .where = static_cast<std::uint8_t>(behind)};
  for (std::uint64_t i = 0; i < count; ++i) {
    if (now[i] == guardByte(seed_, i))
      continue;
    if (found.bytes++ == 0)
      found.first = static_cast<std::int64_t>(behind ? bytes + i : i) - static_cast<std::int64_t>(behind ? 0 : place.before);
  }
  if (found.bytes)
    damage.push_back(found);
  return {};
}

DriverError Buffers::findDamage(std::vector<Damage>& damage) const {
  for (std::uint32_t i = 0; i < buffers_.size(); ++i) {
    for (bool behind : {false, true})
      if (DriverError error = checkGuard(i, behind, damage))
        return error;
    const JobBuffer& buffer = buffers_[i];
    if (!buffer.read_only || buffer.fill != Fill::Contents || buffer.bytes == 0)
      continue;
    std::vector<std::uint8_t> now(buffer.bytes);
    if (CuResult error = driver_.memcpyDtoH(now.data(), places_[i].data, now.size()))
      return {error, "reading buffer '" + buffer.name + "' back"};
    auto [changed, was] = std::mismatch(now.begin(), now.end(), buffer.contents.begin());
    if (changed == now.end())
      continue;
    Damage found{.buffer = i, .where = 2, .first = changed - now.begin()};
    for (std::size_t at = 0; at < now.size(); ++at)
      found.bytes += now[at] != buffer.contents[at];
    damage.push_back(found);
  }
  return {};
}

DriverError Buffers::read(const JobSlice& slice, std::vector<std::uint8_t>& to) const {
  if (slice.buffer >= buffers_.size() || slice.offset > buffers_[slice.buffer].bytes ||
      slice.bytes > buffers_[slice.buffer].bytes - slice.offset)
    return {result::invalid_value, "a slice outside its buffer was asked for"};
  to.resize(slice.bytes);
  CuResult error = slice.bytes ? driver_.memcpyDtoH(to.data(), places_[slice.buffer].data + slice.offset, slice.bytes)
                               : result::success;
  return {error, "reading buffer '" + buffers_[slice.buffer].name + "' back"};
}

void Buffers::release() {
  for (const Place& place : places_)
    driver_.memFree(place.base);
  places_.clear();
  buffers_.clear();
}

} // namespace kverify::cuda
