#include "contract/operation.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace kverify::contract {
namespace {

/// The extent of `axis` in a tensor: 1 where the tensor leaves it out.
Expected<std::int64_t> extentIn(const TensorDecl& tensor, const std::string& axis, const Sizes& sizes) {
  auto at = std::find(tensor.axes.begin(), tensor.axes.end(), axis);
  if (at == tensor.axes.end())
    return 1;
  return evalInteger(tensor.shape[static_cast<std::size_t>(at - tensor.axes.begin())], sizes);
}

Expected<const SpecOption*> findOption(const Contract& contract, const std::string& name) {
  const SpecOption* option = contract.spec ? contract.spec->findOption(name) : nullptr;
  if (!option)
    return fail(ErrorKind::Internal, fmt::format("the spec has no option '{}'", name), contract.path);
  return option;
}

} // namespace

bool repeats(const TensorDecl& tensor, const SpecRole& role, const std::string& axis) {
  const auto at = std::find(tensor.axes.begin(), tensor.axes.end(), axis);
  if (at == tensor.axes.end())
    return true;
  const ExprNode& extent = *tensor.shape[static_cast<std::size_t>(at - tensor.axes.begin())].root;
  return role.broadcast && extent.op == ExprOp::Integer && extent.integer == 1;
}

Expected<Sizes> axisExtents(const Contract& contract, const Sizes& sizes) {
  Sizes extents;
  if (!contract.spec)
    return extents;
  for (const auto& [axis, meaning] : contract.spec->axes) {
    const TensorDecl* first = nullptr;
    extents[axis] = 1;
    for (const TensorDecl& tensor : contract.tensors) {
      const SpecRole* role = contract.spec->findRole(tensor.role);
      if (!role || std::find(role->axes.begin(), role->axes.end(), axis) == role->axes.end())
        continue;
      if (role->broadcast && repeats(tensor, *role, axis))
        continue;
      auto extent = extentIn(tensor, axis, sizes);
      if (!extent)
        return tl::unexpected<ToolError>(extent.error());
      if (first && extents[axis] != *extent)
        return fail(ErrorKind::Input,
                    fmt::format("the axis '{}' ({}) is {} in '{}' and {} in '{}'", axis, meaning, extents[axis],
                                first->name, *extent, tensor.name),
                    tensor.place);
      first = &tensor;
      extents[axis] = *extent;
    }
  }
  for (const Expr& constraint : contract.spec->constraints) {
    auto holds = evalInteger(constraint, extents);
    if (!holds)
      return tl::unexpected<ToolError>(holds.error());
    if (*holds == 0)
      return fail(ErrorKind::Input,
                  fmt::format("{} requires {}, which these sizes break", contract.spec->name, constraint.text),
                  contract.path);
  }
  return extents;
}

Expected<double> realOption(const Contract& contract, const Sizes& sizes, const Sizes& axes, const std::string& name) {
  auto option = findOption(contract, name);
  if (!option)
    return tl::unexpected<ToolError>(option.error());
  auto given = contract.options.find(name);
  return given == contract.options.end() ? evalReal((*option)->fallback, axes) : evalReal(given->second.value, sizes);
}

Expected<std::int64_t> integerOption(const Contract& contract, const Sizes& sizes, const Sizes& axes,
                                     const std::string& name) {
  auto option = findOption(contract, name);
  if (!option)
    return tl::unexpected<ToolError>(option.error());
  auto given = contract.options.find(name);
  return given == contract.options.end() ? evalInteger((*option)->fallback, axes)
                                         : evalInteger(given->second.value, sizes);
}

Expected<std::string> choiceOption(const Contract& contract, const Sizes& sizes, const std::string& name) {
  auto option = findOption(contract, name);
  if (!option)
    return tl::unexpected<ToolError>(option.error());
  auto given = contract.options.find(name);
  if (given == contract.options.end())
    return (*option)->values.front();
  if (!given->second.value)
    return given->second.choice;
  auto flag = evalInteger(given->second.value, sizes);
  if (!flag)
    return tl::unexpected<ToolError>(flag.error());
  return *flag != 0 ? (*option)->if_true : (*option)->if_false;
}

} // namespace kverify::contract
