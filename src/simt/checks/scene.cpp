#include "simt/checks/scene.h"

#include <algorithm>
#include <tuple>

namespace kverify::simt {
namespace {

constexpr std::uint32_t kMostColumns = 32, kRowsOfMany = 16, kRowsOfOne = 8;
constexpr std::size_t kMostConflicts = 4096;

MemorySpace spaceOf(Region::Kind kind) {
  switch (kind) {
  case Region::Kind::Shared: return MemorySpace::Shared;
  case Region::Kind::Local: return MemorySpace::Local;
  case Region::Kind::Constant:
  case Region::Kind::Parameters: return MemorySpace::Constant;
  default: return MemorySpace::Global;
  }
}

/// A window of `most` around `focus` in [0, extent), as [first, first + count).
std::pair<std::int64_t, std::uint32_t> windowAround(std::int64_t focus, std::int64_t extent, std::uint32_t most) {
  auto count = static_cast<std::uint32_t>(std::clamp<std::int64_t>(extent, 1, most));
  std::int64_t first = std::clamp<std::int64_t>(focus - count / 2, 0, std::max<std::int64_t>(0, extent - count));
  return {first, count};
}

} // namespace

/// Fills one tile: which element each cell is, who wrote it, who else touched it.
class Scene::Painter {
public:
  /// 0 where a thread of this launch wrote it, else of Tile::Writer.
  static std::int32_t codeOf(std::uint32_t write, const Mark* mark) {
    if (write == abi::kUnallocated || write == abi::kPadding)
      return Tile::Outside;
    if (write == abi::kUninitialised)
      return Tile::Nobody;
    return mark ? 0 : write >> abi::kEpochShift > 1 ? Tile::Earlier : Tile::Host;
  }

  Painter(const Scene& scene, const Region& region, const std::optional<ThreadId>& missed)
      : scene_(scene), region_(region), missed_(missed) {}

  Tile paint(std::int64_t offset, std::uint64_t bytes) {
    frame(offset, bytes);
    for (std::uint32_t row = 0; row < tile_.rows; ++row)
      for (std::uint32_t column = 0; column < tile_.columns; ++column)
        cell(row, column);
    bool known = std::any_of(tile_.intervals.begin(), tile_.intervals.end(), [](std::int32_t one) { return one >= 0; });
    if (!known)
      tile_.intervals.clear();
    if (std::all_of(tile_.others.begin(), tile_.others.end(), [](std::int32_t one) { return one == Tile::Nobody; }))
      tile_.others.clear();
    return std::move(tile_);
  }

private:
  /// Which part of the object is shown.
  void frame(std::int64_t offset, std::uint64_t bytes) {
    tile_.object = region_.name;
    std::int64_t size = region_.element_bytes;
    // Bytes that are carved up are shown in pieces as large as the access.
    if (size == 1 && bytes > 1 && region_.shape.size() < 2)
      tile_.step = static_cast<std::uint32_t>(bytes);
    std::int64_t flat = offset >= 0 ? offset / size : -1, elements = static_cast<std::int64_t>(region_.bytes) / size;
    std::vector<std::int64_t> index = MemoryMap::indexOf(region_, std::clamp<std::int64_t>(flat, 0, std::max<std::int64_t>(0, elements - 1)));
    inside_ = flat >= 0 && flat < elements;
    if (index.size() < 2) {
      std::int64_t step = tile_.step, cells = (elements + step - 1) / step;
      // What is past the end by a little is drawn there, too.
      std::int64_t focus = std::max<std::int64_t>(0, flat) / step, shown = std::min(focus, cells + kMostColumns - 1) + 1;
      tile_.columns = static_cast<std::uint32_t>(std::clamp<std::int64_t>(std::max(cells, shown), 1, kMostColumns));
      std::int64_t rows = (std::max(cells, shown) + tile_.columns - 1) / tile_.columns;
      auto [first, count] = windowAround(std::min(focus, cells + kMostColumns - 1) / tile_.columns, rows, kRowsOfOne);
      tile_.rows = count;
      tile_.first = {first * tile_.columns * step};
      if (focus / tile_.columns >= first && focus / tile_.columns < first + count && flat >= 0)
        tile_.focus.emplace(static_cast<std::uint32_t>(focus / tile_.columns - first), static_cast<std::uint32_t>(focus % tile_.columns));
      return;
    }
    std::size_t last = index.size() - 1;
    auto [row, rows] = windowAround(index[last - 1], region_.shape[last - 1], kRowsOfMany);
    auto [column, columns] = windowAround(index[last], region_.shape[last], kMostColumns);
    tile_.rows = rows;
    tile_.columns = columns;
    if (inside_)
      tile_.focus.emplace(static_cast<std::uint32_t>(index[last - 1] - row), static_cast<std::uint32_t>(index[last] - column));
    tile_.first = std::move(index);
    tile_.first[last - 1] = row;
    tile_.first[last] = column;
  }

  std::int64_t elementAt(std::uint32_t row, std::uint32_t column) const {
    if (tile_.first.size() < 2)
      return tile_.first[0] + (std::int64_t{row} * tile_.columns + column) * tile_.step;
    std::vector<std::int64_t> index = tile_.first;
    index[index.size() - 2] += row;
    index.back() += column;
    return MemoryMap::flatOf(region_, index);
  }

  std::int32_t numberOf(const ThreadId& thread) {
    auto found = std::find(tile_.threads.begin(), tile_.threads.end(), thread);
    if (found == tile_.threads.end())
      found = tile_.threads.insert(found, thread);
    return static_cast<std::int32_t>(found - tile_.threads.begin());
  }

  void cell(std::uint32_t row, std::uint32_t column) {
    std::int64_t flat = elementAt(row, column), size = region_.element_bytes;
    std::uint64_t bytes = static_cast<std::uint64_t>(size) * tile_.step;
    std::int32_t writer = Tile::Outside, other = Tile::Nobody, interval = -1;
    bool is_focus = tile_.focus && tile_.focus->first == row && tile_.focus->second == column;
    if (flat >= 0 && static_cast<std::uint64_t>(flat * size) + static_cast<std::uint64_t>(size) <= region_.bytes) {
      std::uint64_t address = scene_.arena_.base() + region_.offset + static_cast<std::uint64_t>(flat * size);
      std::tie(writer, interval) = writerOf(scene_.arena_.cell(address).write);
      for (const Conflict& conflict : scene_.conflicts_)
        if (conflict.address < address + bytes && address < conflict.address + conflict.bytes) {
          bool own = writer >= 0 && tile_.threads[static_cast<std::size_t>(writer)] == conflict.one;
          other = numberOf(own ? conflict.other : conflict.one);
          break; // the first is the one that is told
        }
    }
    if (writer == Tile::Outside && is_focus && missed_)
      other = numberOf(*missed_);
    tile_.writers.push_back(writer);
    tile_.others.push_back(other);
    tile_.intervals.push_back(interval);
  }

  std::pair<std::int32_t, std::int32_t> writerOf(std::uint32_t write) {
    const Mark* mark = scene_.markOf(write);
    std::int32_t code = codeOf(write, mark);
    bool shared = region_.kind == Region::Kind::Shared; // what an earlier block left there is nothing to this one
    if (shared && code != Tile::Outside && (code != 0 || mark->block != scene_.running_))
      return {Tile::Nobody, -1};
    if (code != 0)
      return {code, -1};
    return {numberOf(scene_.threadOf(mark->block, write & abi::kThreadMask)), static_cast<std::int32_t>(mark->interval)};
  }

  const Scene& scene_;
  const Region& region_;
  const std::optional<ThreadId>& missed_;
  bool inside_ = false;
  Tile tile_;
};

void Scene::startLaunch(const KernelLaunch& launch) {
  grid_ = launch.grid;
  block_ = launch.block;
  marks_.clear();
  conflicts_.clear();
  interval_ = 0;
  barrier_ = {};
}

void Scene::startBlock(std::uint32_t block, std::uint32_t epoch) {
  if (!marks_.empty() && epoch <= marks_.back().epoch)
    marks_.clear(); // epochs were numbered anew
  running_ = block;
  interval_ = 0;
  barrier_ = {};
  marks_.push_back({epoch, block, 0});
}

void Scene::passBarrier(std::uint32_t site, std::uint32_t epoch) {
  ++interval_;
  const SourceStack& stack = table_.sites[site].stack;
  barrier_ = stack.empty() ? SourceLocation{} : stack.front();
  marks_.push_back({epoch, running_, interval_});
}

BarrierInterval Scene::openInterval() const {
  BarrierInterval open{.number = interval_};
  if (barrier_.line)
    open.opened_by = barrier_;
  return open;
}

void Scene::conflict(std::uint64_t address, std::uint64_t bytes, const ThreadId& one, const ThreadId& other) {
  if (conflicts_.size() < kMostConflicts)
    conflicts_.push_back({address, bytes, one, other});
}

void Scene::forgetConflicts() {
  std::erase_if(conflicts_, [](const Conflict& one) { return one.one.block == one.other.block; });
}

std::optional<MemoryObject> Scene::objectAt(std::uint64_t address) const {
  Place place = map_.find(address);
  if (!place.region)
    return std::nullopt;
  const Region& region = *place.region;
  return MemoryObject{region.name, spaceOf(region.kind), region.bytes, region.element_bytes, region.shape};
}

MemoryAccess Scene::accessTo(std::uint64_t address, std::uint64_t bytes, AccessKind kind) const {
  MemoryAccess access{.kind = kind, .bytes = bytes};
  access.interval = interval_;
  Place place = map_.find(address);
  if (!place.region)
    return access;
  access.offset = place.offset;
  std::int64_t size = place.region->element_bytes;
  if (place.inside(1) && place.offset % size == 0 && place.region->kind != Region::Kind::Local)
    access.index = MemoryMap::indexOf(*place.region, place.offset / size);
  return access;
}

std::optional<Tile> Scene::tileAround(std::uint64_t address, std::uint64_t bytes, const std::optional<ThreadId>& missed) const {
  Place place = map_.find(address);
  bool has_cells = place.region && (place.region->kind == Region::Kind::Shared || place.region->kind == Region::Kind::Buffer ||
                                    place.region->kind == Region::Kind::Device);
  if (!has_cells || place.region->bytes < place.region->element_bytes)
    return std::nullopt;
  return Painter(*this, *place.region, missed).paint(place.offset, bytes);
}

std::pair<std::int32_t, ThreadId> Scene::lastWriter(std::uint64_t address) const {
  std::uint32_t write = arena_.cell(address).write;
  const Mark* mark = markOf(write);
  std::int32_t code = Painter::codeOf(write, mark);
  return {code, code == 0 ? threadOf(mark->block, write & abi::kThreadMask) : ThreadId{}};
}

ThreadId Scene::threadOf(std::uint32_t block, std::uint32_t thread) const {
  ThreadId id;
  id.thread = {thread % block_.x, thread / block_.x % block_.y, thread / block_.x / block_.y};
  id.block = {block % grid_.x, block / grid_.x % grid_.y, block / grid_.x / grid_.y};
  return id;
}

const Scene::Mark* Scene::markOf(std::uint32_t write) const {
  if (write < abi::kHostEpoch)
    return nullptr;
  if (write >= abi::kAsyncEpoch)
    return marks_.empty() ? nullptr : &marks_.back(); // in flight: it was issued by the block that runs
  std::uint32_t epoch = write >> abi::kEpochShift << abi::kEpochShift;
  auto after = std::upper_bound(marks_.begin(), marks_.end(), epoch, [](std::uint32_t e, const Mark& mark) { return e < mark.epoch; });
  return after == marks_.begin() ? nullptr : &*std::prev(after);
}

} // namespace kverify::simt
