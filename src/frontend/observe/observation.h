#pragma once
// What a run of host code on the CPU was given and what it did, up to where it ended. Nothing of a kernel is run.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "frontend/device_module.h"

namespace kverify::frontend::observe {

/// What one parameter of an entry is given.
struct Argument {
  enum class Kind {
    Tensor,   ///< contiguous, on the device; a parameter that is a pointer sees its memory
    Integers, ///< one, or the parts of a tuple
    Real,
    Absent, ///< an optional tensor
  };
  Kind kind = Kind::Integers;
  std::string element; ///< of Tensor, as c10::ScalarType names it: "Float"
  std::vector<std::int64_t> numbers; ///< of Tensor: its sizes
  double real = 0;
};

/// One call of an entry.
struct Call {
  unsigned entry = 0; ///< index into HostCode's entries
  std::vector<Argument> arguments;
  std::int64_t multiprocessors = 108;
};

/// Device memory, in the order of allocation.
struct Memory {
  std::uint64_t address = 0; ///< from the base of the device's addresses
  std::uint64_t bytes = 0;
  int parameter = -1;      ///< given as this one; -1: allocated by the host code
  std::string element;     ///< of a tensor; "" = not known
  bool zeroed = false;
  bool initialised = false;     ///< something was copied or computed into it before the first launch
  bool changed_between = false; ///< or after it
  std::string changed;          ///< by this: "sum" of PyTorch's, "a copy"
};

struct Launch {
  unsigned kernel = 0; ///< index into HostCode's kernels
  std::array<std::int64_t, 3> grid{}, block{};
  std::int64_t shared = 0;
  std::vector<std::vector<std::uint8_t>> arguments; ///< the bytes of each
};

struct Observation {
  enum class End {
    Returned,
    Refused,     ///< a TORCH_CHECK does not hold, or an exception
    Unsupported, ///< something that is not modelled was called
    Crashed,     ///< a signal, or out of time
  };
  std::uint64_t base = 0; ///< of the device's addresses, as pointers in arguments have them
  std::vector<Memory> memory;
  std::vector<Launch> launches;
  End end = End::Crashed;
  std::string why; ///< of all but Returned: "x must be on cuda (k.cu:9)"
};

} // namespace kverify::frontend::observe
