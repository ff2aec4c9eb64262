#pragma once
// What a run saw of a finding, as numbers. The sentences of a finding say the same to people; renderers draw from this,
// so that nothing has to be read back out of a sentence. Whatever is not known is absent.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kverify/launch.h"
#include "kverify/source.h"

namespace kverify {

/// One thread of one launch.
struct ThreadId {
  std::array<std::uint32_t, 3> thread{}, block{}; ///< x, y, z
  bool operator==(const ThreadId&) const = default;
};

enum class MemorySpace { Global, Shared, Local, Constant };
enum class AccessKind { Read, Write, Atomic, Copy }; ///< Copy: an asynchronous one

/// The array or variable that a finding is about.
struct MemoryObject {
  std::string name;
  MemorySpace space = MemorySpace::Global;
  std::uint64_t bytes = 0;
  std::uint32_t element_bytes = 1;
  std::vector<std::int64_t> shape; ///< elements per dimension; empty: flat, or not known
  bool operator==(const MemoryObject&) const = default;
};

/// What one thread did to FindingFacts::object.
struct MemoryAccess {
  AccessKind kind = AccessKind::Read;
  std::uint64_t bytes = 0;
  std::int64_t offset = 0; ///< bytes from the object's start; may be negative or past its end
  std::vector<std::int64_t> index; ///< of the element, one a dimension; empty: inside of an element, or of none
  std::optional<std::uint32_t> interval; ///< whole-block barriers that its block had passed in this launch
  bool operator==(const MemoryAccess&) const = default;
};

/// The launch that shows a finding.
struct LaunchFacts {
  std::string kernel;
  Dim3 grid, block;
  std::uint32_t shared_bytes = 0; ///< dynamic
  std::vector<std::pair<std::string, std::int64_t>> sizes;
  std::optional<Dim3> only_block; ///< this block was run alone
  std::string family;             ///< of the input values; empty: not known
  std::optional<std::uint64_t> seed;
};

/// The time between two barriers of one block.
struct BarrierInterval {
  std::uint32_t number = 0;                            ///< barriers that the block had passed
  std::optional<SourceLocation> opened_by, closed_by; ///< absent: the block's start, its end
};

/// A number that went past the one that it must keep.
struct Violation {
  std::string what; ///< "error of O", "bytes of q"
  double actual = 0, allowed = 0;
  std::string unit; ///< "byte", "element", "thread", or empty
};

/// One element of an output beside the reference.
struct ValueFacts {
  std::string tensor;
  std::vector<std::pair<std::string, std::int64_t>> index; ///< axis and position
  double got = 0, want = 0, bound = 0;
  std::uint64_t wrong = 0, compared = 0; ///< elements
};

/// A window of an array around the element that a finding is about: who wrote each element last, and who else touched it
/// in a way that nothing orders. Of an array of one dimension, `columns` elements a row; of more, the last two. Row by
/// row; every list has rows * columns entries or none.
struct Tile {
  /// Writers that are no threads.
  enum Writer : std::int32_t {
    Nobody = -1,  ///< it holds what was there before the launch, uninitialised
    Host = -2,    ///< it came initialised
    Outside = -3, ///< there is no such element
    Earlier = -4, ///< an earlier launch wrote it
  };
  std::string object;
  std::vector<std::int64_t> first; ///< index of the first cell, one a dimension of the array
  std::uint32_t rows = 0, columns = 0;
  std::uint32_t step = 1; ///< elements that one cell stands for, of an array of one dimension
  std::optional<std::pair<std::uint32_t, std::uint32_t>> focus; ///< row and column of the element itself
  std::vector<ThreadId> threads;       ///< that occur in it
  std::vector<std::int32_t> writers;   ///< indices into `threads`, or of Writer
  std::vector<std::int32_t> others;    ///< who else, unordered with the writer; Nobody: nobody
  std::vector<std::int32_t> intervals; ///< barriers that the writer's block had passed; -1: not known
  std::vector<double> ratios;          ///< of values: error over bound
};

struct FindingFacts {
  std::optional<LaunchFacts> launch;
  std::optional<MemoryObject> object;
  std::optional<BarrierInterval> interval;
  std::optional<Violation> violation;
  std::optional<ValueFacts> value;
  std::optional<Tile> tile;

  bool empty() const { return !launch && !object && !interval && !violation && !value && !tile; }
};

} // namespace kverify
