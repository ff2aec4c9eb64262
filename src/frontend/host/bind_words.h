#pragma once
// What names in host code stand for: the words by which people call the tensors, axes and options of an operation.
#include <string>
#include <vector>

#include "kverify/spec.h"

namespace kverify::frontend::host {

std::string lowerCase(const std::string& text);

/// "d_Query_ptr" -> "query": lower case, without what only says that it is a pointer, a tensor or on the device.
std::string plainName(const std::string& name);

/// Is this a name for the role? Its own name always is; "query" is one for attention's Q.
bool namesRole(const std::string& name, const Spec& spec, const SpecRole& role);

/// Is this a name for the option ("epsilon" for eps, "is_causal" for causal)?
bool namesOption(const std::string& name, const std::string& option);

/// The group of axes that a size's name speaks of: "batch", "heads", "tokens", "width"; empty where it says nothing.
std::string axisGroup(const std::string& name);
/// The same of an axis of a spec ("hk" is of the heads).
std::string groupOf(const Spec& spec, const std::string& axis);

/// The values of a choice that words of `names` speak of ("relu" in "fused_relu_kernel").
std::vector<std::string> valuesNamed(const std::string& names, const SpecOption& option);

} // namespace kverify::frontend::host
