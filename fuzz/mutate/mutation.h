#pragma once
// One small change to a kernel: a mistake that people, and machines, make.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "kverify/source.h"

namespace kverify::mutate {

enum class Operator {
  BarrierRemoved,      ///< __syncthreads, __syncwarp, a group's sync
  CompareWeakened,     ///< < and <=, > and >= of integers
  IndexShifted,        ///< a subscript one further, or one before
  StrideSwapped,       ///< a * stride + b became b * stride + a; x[a][b] became x[b][a]
  RescaleDropped,      ///< a factor of an accumulator, a scale, or a division left out
  ConstantChanged,     ///< an integer one more; a floating number 1/64 larger, infinity to 0, 0 to 1
  AccumulatorNarrowed, ///< every partial sum rounded to 16 bits
  MaskInverted,        ///< a condition, or the lane mask of a warp operation, for its opposite
  ShuffleWidth,        ///< half of it
  WaitCount,           ///< one group of asynchronous copies more may be on its way
  MinMaxSwapped,
  InitRemoved,         ///< a variable or an element is not given its first value
};

inline constexpr std::size_t kOperators = 12;

/// "barrier-removed", …
std::string_view nameOf(Operator op);
std::optional<Operator> parseOperator(std::string_view name);

struct Mutation {
  std::size_t index = 0; ///< its number in the kernel: stable for the same bitcode
  Operator op = Operator::BarrierRemoved;
  SourceLocation where;
  std::string change; ///< "`<` became `<=`"
};

} // namespace kverify::mutate
