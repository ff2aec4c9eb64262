#pragma once
// A concrete job: buffers with their contents and the launches over them, in order.
// Contracts are turned into it (fuzz/generate), the executor and the GPU backend run it, a replay file stores it.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "kverify/dtype.h"

namespace kverify {

struct Dim3 {
  std::uint32_t x = 1, y = 1, z = 1;
  std::uint64_t count() const { return std::uint64_t{x} * y * z; }
  bool operator==(const Dim3&) const = default;
};

/// How the kernels may use a buffer.
enum class Access {
  Read,      ///< an input: a write to it is a finding
  Write,     ///< an output: starts uninitialised; every declared element must be written
  ReadWrite, ///< initialised, may be written
  Temporary, ///< starts uninitialised, shared between the launches of one plan; need not be written whole
};

/// One global allocation. Elements outside `shape` under `strides` (row padding) exist but are out of *logical* bounds.
struct Buffer {
  std::string name;
  DType dtype = DType::F32;
  std::vector<std::int64_t> shape;   ///< elements per dimension; empty means a flat array of `elements`
  std::vector<std::int64_t> strides; ///< in elements, same length as shape
  std::int64_t elements = 0;         ///< size of the allocation, padding included
  Access access = Access::Read;
  std::vector<std::uint8_t> bytes; ///< initial contents, elements*sizeOf(dtype) bytes; empty = uninitialised
};

/// Calls visit(index in the allocation) for every element of the declared shape.
template <class Visit>
void forEachElement(const Buffer& buffer, Visit visit) {
  std::vector<std::int64_t> index(buffer.shape.size(), 0);
  for (std::int64_t extent : buffer.shape)
    if (extent <= 0)
      return;
  for (;;) {
    std::int64_t element = 0;
    for (std::size_t i = 0; i < index.size(); ++i)
      element += index[i] * buffer.strides[i];
    visit(element);
    std::size_t i = index.size();
    while (i > 0 && ++index[i - 1] == buffer.shape[i - 1])
      index[--i] = 0;
    if (i == 0)
      return;
  }
}

/// A kernel argument that is the address of a buffer (plus an offset in bytes).
struct BufferArg {
  std::uint32_t buffer = 0;
  std::int64_t byte_offset = 0;
};

/// A kernel argument passed by value; the bytes as the device expects them (little endian, type's size).
struct ScalarArg {
  std::vector<std::uint8_t> bytes;
};

/// A struct passed by value.
struct StructArg {
  struct Pointer {
    std::uint32_t offset = 0; ///< bytes from the start of the struct, where the address goes
    BufferArg to;
  };
  std::vector<std::uint8_t> bytes; ///< as the device expects them; the type's size
  std::vector<Pointer> pointers;
};

using KernelArg = std::variant<BufferArg, ScalarArg, StructArg>;

struct KernelLaunch {
  std::string kernel; ///< KernelInfo::name of the module it is in
  Dim3 grid, block;
  std::uint32_t dynamic_shared_bytes = 0;
  std::vector<KernelArg> args;
};

/// One case: everything that a run depends on. Running it twice gives the same bits.
struct LaunchPlan {
  std::vector<std::pair<std::string, std::int64_t>> sizes; ///< the contract's sizes, for messages
  std::vector<Buffer> buffers;
  std::vector<KernelLaunch> launches;
  /// Only this block of the one launch runs, over memory that is there once it is touched (where a buffer has no
  /// contents, zeros): for launches that nobody has the memory or the time for. Only the lines that are watched
  /// (simt::ProgramOptions::watch) are judged; what leaves the buffers ends the run. No buffer is given back.
  std::optional<Dim3> only_block;
};

} // namespace kverify
