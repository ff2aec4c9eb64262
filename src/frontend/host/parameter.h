#pragma once
// What a caller gives for a parameter of the host function.
#include "frontend/host/facts.h"
#include "frontend/host/value.h"

namespace kverify::frontend::host {

/// `tensor` is what a tensor or a pointer looks into, with its settled `shape`; null for others.
HostParameter parameterOf(const std::string& name, const Value& value, const TensorState* tensor, std::vector<Term> shape);

} // namespace kverify::frontend::host
