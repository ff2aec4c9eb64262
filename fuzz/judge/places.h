#pragma once
// Walks all elements of a role: without it, every element costs a division for each axis.
#include <cstdint>
#include <vector>

#include "fuzz/judge/operands.h"

namespace kverify::judge {

/// Calls visit(flat, element) for every dense index and its place in the buffer, in the order of the dense index.
template <class Visit>
void forEachPlace(const RoleView& view, Visit visit) {
  const std::int64_t count = view.count();
  if (count <= 0)
    return;
  std::vector<std::int64_t> index(view.extents.size(), 0);
  std::int64_t element = 0;
  for (std::int64_t flat = 0; flat < count; ++flat) {
    visit(static_cast<std::size_t>(flat), element);
    for (std::size_t axis = index.size(); axis-- > 0;) {
      element += view.strides[axis];
      if (++index[axis] < view.extents[axis])
        break;
      element -= view.extents[axis] * view.strides[axis];
      index[axis] = 0;
    }
  }
}

} // namespace kverify::judge
