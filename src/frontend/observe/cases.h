#pragma once
// Sizes to try a path of host code with, and the call that they make.
#include <optional>
#include <string>
#include <vector>

#include "frontend/host/facts.h"
#include "frontend/observe/observation.h"
#include "kverify/expr.h"

namespace kverify::frontend::observe {

/// At most `count` assignments of the path's sizes that its requirements allow, small and large ones, found by trying; the same ones
/// every time. No parameter has more than `most_elements`. Fewer, or none, where trying finds no more.
std::vector<Sizes> sizesFor(const host::HostPath& path, std::size_t count, std::int64_t most_elements);

/// A call of the path's entry with these sizes. Nothing where a parameter has no value that is known.
std::optional<Call> callFor(const host::HostPath& path, const Sizes& sizes);

/// "x_0 = 3, x_1 = 64": those that the path's call is made of.
std::string textOf(const host::HostPath& path, const Sizes& sizes);

/// The value of a term; nothing where it has none (a name without a value, a division by zero).
std::optional<std::int64_t> valueOf(const host::Term& term, const Sizes& sizes);

} // namespace kverify::frontend::observe
