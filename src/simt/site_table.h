#pragma once
// What compiled code refers to by number: source positions and memory objects.
#include <cstdint>
#include <string>
#include <vector>

#include "kverify/source.h"

namespace kverify::simt {

/// One instrumented instruction: an access, a barrier, a warp operation, a loop's back edge.
struct Site {
  SourceStack stack;      ///< innermost first, with the calls it was inlined through
  std::uint32_t leaf = 0; ///< equal for copies of one source position, whatever they were inlined into
  std::string object;     ///< the variable accessed, where the compiler could tell
  std::string operation;  ///< "__syncthreads", "shfl.sync", "load" …
};

/// A __shared__, __device__ or __constant__ variable.
struct ModuleObject {
  enum class Where { StaticShared, DynamicShared, Device, Constant };
  Where where = Where::StaticShared;
  std::string name;        ///< as the source spells it
  std::string init_symbol; ///< JIT symbol with the initial bytes; empty = none
  std::uint64_t bytes = 0; ///< 0 for dynamic shared memory
  std::uint64_t alignment = 1;
  std::uint64_t offset = 0;        ///< in the arena
  std::vector<std::uint64_t> dims; ///< of an array, outermost first
  std::uint32_t element_bytes = 1;
  /// Where its first contents hold addresses.
  struct Address {
    std::uint64_t offset = 0; ///< in this object
    std::size_t object = 0;   ///< what it points into
    std::int64_t addend = 0;
  };
  std::vector<Address> addresses;
  std::string problem; ///< what its first contents need and the executor does not model
};

struct SiteTable {
  std::vector<Site> sites;
  std::vector<ModuleObject> objects;
};

} // namespace kverify::simt
