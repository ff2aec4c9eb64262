#pragma once
// Which dimension of a tensor is which axis of the operation.
#include <vector>

#include "frontend/host/bind.h"

namespace kverify::frontend::host {

/// The path, whose tensors have roles, with their axes: one reading for every layout that neither the shapes nor the names of
/// the sizes contradict. Sizes of one axis become one; shapes that were guessed become what the spec says, and are no guess
/// any more. Errors: Input where no layout fits.
Expected<std::vector<Reading>> withAxes(const HostPath& path, const Spec& spec);

} // namespace kverify::frontend::host
