// A tensor's own: element type, device, sizes, strides, and the storage that it looks into.
#pragma once
#pragma GCC system_header
#include "options.h"

namespace kverify_torch {

using Sizes = std::vector<std::int64_t>;

/// Memory shared by a tensor and its views.
struct Storage {
  void* data = nullptr;
  std::uint64_t bytes = 0;
};

struct TensorState {
  c10::ScalarType type = c10::ScalarType::Float;
  c10::Device device = c10::DeviceType::CPU;
  Sizes sizes, strides; ///< in elements
  std::int64_t offset = 0;
  Shared<Storage> storage;
  bool requires_grad = false;
};

inline std::int64_t product(const Sizes& sizes) {
  std::int64_t all = 1;
  for (std::int64_t size : sizes)
    all *= size;
  return all;
}

/// Row-major.
inline Sizes contiguousStrides(const Sizes& sizes) {
  Sizes strides(sizes.size());
  std::int64_t step = 1;
  for (std::size_t i = sizes.size(); i-- > 0;) {
    strides[i] = step;
    step *= sizes[i] > 1 ? sizes[i] : 1;
  }
  return strides;
}

/// A dimension counted from the front; -1 is the last.
inline std::int64_t wrap(std::int64_t dim, std::int64_t dims) {
  std::int64_t count = dims > 0 ? dims : 1;
  check(dim >= -count && dim < count, "shim", 0, "a dimension of the tensor", "dimension ", dim, " of a tensor of ", dims);
  return dim < 0 ? dim + count : dim;
}

/// `wanted` with its -1 worked out.
inline Sizes inferred(const Sizes& wanted, std::int64_t elements) {
  Sizes sizes = wanted;
  std::int64_t known = 1, open = -1;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == -1)
      open = static_cast<std::int64_t>(i);
    else
      known *= sizes[i];
  }
  if (open >= 0 && known > 0)
    sizes[static_cast<std::size_t>(open)] = elements / known;
  check(product(sizes) == elements, "shim", 0, "a shape of as many elements");
  return sizes;
}

/// The shape of an elementwise result.
inline Sizes broadcast(const Sizes& a, const Sizes& b) {
  Sizes all(a.size() > b.size() ? a.size() : b.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::int64_t from_a = i < a.size() ? a[a.size() - 1 - i] : 1, from_b = i < b.size() ? b[b.size() - 1 - i] : 1;
    check(from_a == from_b || from_a == 1 || from_b == 1, "shim", 0, "shapes that fit together");
    all[all.size() - 1 - i] = from_a == 1 ? from_b : from_a;
  }
  return all;
}

} // namespace kverify_torch
