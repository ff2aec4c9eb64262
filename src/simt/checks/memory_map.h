#pragma once
// Names for addresses: which object an address is in, or which it missed and by how far.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kverify/launch.h"
#include "simt/machine/arena.h"
#include "simt/site_table.h"

namespace kverify::simt {

/// One object of the arena.
struct Region {
  enum class Kind { Buffer, Shared, Local, Device, Constant, Parameters };
  Kind kind = Kind::Buffer;
  std::string name;
  std::uint64_t offset = 0; ///< in the arena
  std::uint64_t bytes = 0;
  std::uint32_t element_bytes = 1;
  std::vector<std::int64_t> shape;   ///< empty: a flat array
  std::vector<std::int64_t> strides; ///< in elements; empty: contiguous
  Access access = Access::ReadWrite; ///< of a buffer
};

/// Where an address is relative to its nearest object.
struct Place {
  const Region* region = nullptr; ///< null: nothing near
  std::int64_t offset = 0;        ///< bytes from the region's start; may be negative or past the end
  bool inside(std::uint64_t bytes) const {
    return region && offset >= 0 && static_cast<std::uint64_t>(offset) + bytes <= region->bytes;
  }
};

class MemoryMap {
public:
  MemoryMap(const Arena& arena, const SiteTable& table) : arena_(arena), table_(table) {}
  void addBuffer(const Buffer& buffer, std::uint64_t offset);
  void addObjects(const std::vector<ModuleObject>& objects, std::uint32_t dynamic_shared_bytes);
  void clearObjects();
  /// A local array of one thread; replaces what was at the same address.
  void addLocal(std::uint64_t address, std::uint64_t bytes, std::uint32_t site);
  void clearLocals() { locals_.clear(); }

  Place find(std::uint64_t address) const;
  /// Does one object have all these bytes? (Padding counts.)
  bool inside(std::uint64_t address, std::uint64_t bytes) const;
  /// "Q[0,1,17,3]", "smem[32]", "tile[3][64]": the element at this place.
  static std::string element(const Place& place);
  /// Per dimension, the index of element `flat` of the allocation under the region's shape and strides; of a flat array,
  /// one.
  static std::vector<std::int64_t> indexOf(const Region& region, std::int64_t flat);
  /// The inverse.
  static std::int64_t flatOf(const Region& region, const std::vector<std::int64_t>& index);

private:
  const Arena& arena_;
  const SiteTable& table_;
  std::vector<Region> buffers_;
  std::vector<Region> objects_;
  std::vector<Region> locals_;
};

} // namespace kverify::simt
