#pragma once
// Families of values: each is there for a class of bugs (shared by all operations, or made for one).
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/generate/masks.h"
#include "fuzz/generate/random.h"
#include "kverify/contract.h"

namespace kverify::generate {

enum class Family {
  Normal,       ///< N(0,1)
  Uniform,      ///< [0,1): what popular benchmarks use; same sign, so biased rounding adds up
  LargeScores,  ///< scores of +-1e2: missing max-shift
  Ascending,    ///< the running maximum moves at every tile: missing or wrong rescale
  Descending,   ///< and never moves
  OneHotValues, ///< Q = K = 0, one-hot V: dropped, duplicated or padded keys
  Sentinel,     ///< a large V at the last key: tails, masks off by one
  Mixed,        ///< amplitudes over many binades
  Extreme,      ///< V subnormal and V huge: flush to zero, overflow
  Spike,        ///< one element far above the rest of the row
  Constant,     ///< variance 0, uniform softmax
  Offset,       ///< mean far above the deviation: cancellation
  Tiny,         ///< variance below eps
  Integers,     ///< small whole numbers
  Far,          ///< rows far below 0 and far above: a maximum that starts at a finite number, a missing shift
  Masked,       ///< scores of -inf, where the contract allows them: -inf - (-inf), a tile or a row of nothing else
  HugeScores,   ///< scores of +-1e4: overflow of scores that are kept in fp16
  TileEdges,    ///< a large V at both sides of every multiple of 8: keys lost between two tiles, whatever their extent
  Sink,         ///< one key takes nearly all weight, the small rest has the large V: underflow of P
  Ties,         ///< equal maxima, V of one sign: biased rounding, ties broken twice
  Subnormals,   ///< +-0, subnormals and the smallest normal numbers: flush to zero, signs of zero
};

/// "normal", "ascending-keys", …
std::string_view nameOf(Family family);
std::optional<Family> parseFamily(std::string_view name);

/// What is fixed over one tensor.
struct TensorContext {
  enum class Role { None, Query, Key, Value, Row, Gamma, Beta, Slope, Scale, Bias };
  Family family = Family::Normal;
  Role role = Role::None;
  DType dtype = DType::F32;
  std::int64_t keys = 1, width = 1, channels = 1, columns = 1;           ///< extents of nk, d, dv, n
  int key_dimension = -1, channel_dimension = -1, column_dimension = -1; ///< of nk, dv, n; -1: not in this tensor
  int width_dimension = -1;                                              ///< of d
  MaskedScores masked = MaskedScores::None;
  bool has_bias = false;  ///< the operation has a bias, which masks in the keys' stead
  std::uint64_t seed = 0; ///< of the case: for what all tensors must agree on
};

TensorContext describeTensor(const Contract& contract, const TensorDecl& tensor, const Sizes& axes, Family family,
                             std::uint64_t seed);

/// One float element, before it is rounded to its type.
double drawElement(const TensorContext& tensor, const std::vector<std::int64_t>& index, double row_scale,
                   Random& random);

/// A factor shared by one row of the last dimension (family Mixed): a power of two; else 1.
double drawRowScale(const TensorContext& tensor, Random& random);

} // namespace kverify::generate
