#include "simt/checks/memory_map.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace kverify::simt {
namespace {

std::uint64_t distance(const Region& region, std::uint64_t offset) {
  if (offset < region.offset)
    return region.offset - offset;
  std::uint64_t end = region.offset + region.bytes;
  return offset < end ? 0 : offset - end + 1;
}

const Region* nearest(const std::vector<Region>& regions, std::uint64_t offset) {
  const Region* best = nullptr;
  for (const Region& region : regions) {
    if (region.offset >> abi::kSlotShift != offset >> abi::kSlotShift)
      continue;
    if (!best || distance(region, offset) < distance(*best, offset))
      best = &region;
  }
  return best;
}

/// In elements; a flat array has one.
std::vector<std::int64_t> stridesOf(const Region& region) {
  std::vector<std::int64_t> strides = region.strides;
  if (strides.empty()) {
    strides.assign(std::max<std::size_t>(1, region.shape.size()), 1);
    for (std::size_t i = region.shape.size(); i-- > 1;)
      strides[i - 1] = strides[i] * std::max<std::int64_t>(region.shape[i], 1);
  }
  return strides;
}

} // namespace

std::vector<std::int64_t> MemoryMap::indexOf(const Region& region, std::int64_t flat) {
  std::vector<std::int64_t> strides = stridesOf(region);
  std::vector<std::size_t> order(strides.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return strides[a] > strides[b]; });
  std::vector<std::int64_t> out(strides.size(), 0);
  for (std::size_t dimension : order) {
    if (strides[dimension] <= 0)
      continue;
    out[dimension] = flat / strides[dimension];
    flat %= strides[dimension];
  }
  return out;
}

std::int64_t MemoryMap::flatOf(const Region& region, const std::vector<std::int64_t>& index) {
  std::vector<std::int64_t> strides = stridesOf(region);
  std::int64_t flat = 0;
  for (std::size_t i = 0; i < std::min(index.size(), strides.size()); ++i)
    flat += index[i] * strides[i];
  return flat;
}

void MemoryMap::addBuffer(const Buffer& buffer, std::uint64_t offset) {
  Region region;
  region.kind = Region::Kind::Buffer;
  region.name = buffer.name;
  region.offset = offset;
  region.element_bytes = static_cast<std::uint32_t>(sizeOf(buffer.dtype));
  region.bytes = static_cast<std::uint64_t>(buffer.elements) * region.element_bytes;
  region.shape = buffer.shape;
  region.strides = buffer.strides;
  region.access = buffer.access;
  buffers_.push_back(std::move(region));
}

void MemoryMap::addObjects(const std::vector<ModuleObject>& objects, std::uint32_t dynamic_shared_bytes) {
  for (const ModuleObject& object : objects) {
    bool dynamic = object.where == ModuleObject::Where::DynamicShared;
    Region region;
    region.kind = object.where <= ModuleObject::Where::DynamicShared ? Region::Kind::Shared
                  : object.where == ModuleObject::Where::Constant    ? Region::Kind::Constant
                                                                     : Region::Kind::Device;
    region.name = object.name;
    region.offset = object.offset;
    region.bytes = dynamic ? dynamic_shared_bytes : object.bytes;
    region.element_bytes = std::max(1u, object.element_bytes);
    if (!dynamic)
      region.shape.assign(object.dims.begin(), object.dims.end());
    region.access = region.kind == Region::Kind::Constant ? Access::Read : Access::ReadWrite;
    objects_.push_back(std::move(region));
  }
}

void MemoryMap::clearObjects() {
  objects_.clear();
  locals_.clear();
}

void MemoryMap::addLocal(std::uint64_t address, std::uint64_t bytes, std::uint32_t site) {
  Region region;
  region.kind = Region::Kind::Local;
  region.name = table_.sites[site].operation;
  region.offset = address - arena_.base();
  region.bytes = bytes;
  region.element_bytes = 1;
  std::erase_if(locals_, [&](const Region& old) {
    return old.offset < region.offset + region.bytes && region.offset < old.offset + old.bytes;
  });
  locals_.push_back(std::move(region));
}

bool MemoryMap::inside(std::uint64_t address, std::uint64_t bytes) const {
  std::uint64_t offset = address - arena_.base();
  for (const auto* regions : {&buffers_, &objects_, &locals_})
    for (const Region& region : *regions)
      if (offset >= region.offset && offset - region.offset <= region.bytes &&
          bytes <= region.bytes - (offset - region.offset))
        return true;
  return false;
}

Place MemoryMap::find(std::uint64_t address) const {
  std::uint64_t offset = address - arena_.base();
  const Region* best = nullptr;
  for (const auto* regions : {&buffers_, &objects_, &locals_}) {
    const Region* here = nearest(*regions, offset);
    if (here && (!best || distance(*here, offset) < distance(*best, offset)))
      best = here;
  }
  if (!best)
    return {};
  return {best, static_cast<std::int64_t>(offset) - static_cast<std::int64_t>(best->offset)};
}

std::string MemoryMap::element(const Place& place) {
  const Region& region = *place.region;
  std::int64_t size = region.element_bytes;
  if (region.kind == Region::Kind::Local)
    return fmt::format("{} at byte {}", region.name, place.offset);
  if (place.offset < 0 || place.offset % size != 0)
    return fmt::format("{} at byte {}", region.name, place.offset);
  std::int64_t flat = place.offset / size;
  if (region.shape.size() < 2)
    return fmt::format("{}[{}]", region.name, flat);
  std::string text = region.name;
  if (region.kind != Region::Kind::Buffer) {
    for (std::int64_t index : indexOf(region, flat))
      text += fmt::format("[{}]", index);
    return text;
  }
  return text + fmt::format("[{}]", fmt::join(indexOf(region, flat), ","));
}

} // namespace kverify::simt
