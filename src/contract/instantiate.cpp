#include "contract/instantiate.h"

#include <limits>
#include <optional>

#include <fmt/format.h>

#include "contract/fit.h"
#include "contract/operation.h"
#include "contract/scalar.h"

namespace kverify::contract {
namespace {

using frontend::KernelInfo;

std::string describeSizes(const Contract& contract, const Sizes& sizes) {
  std::string text;
  for (const SizeDecl& size : contract.sizes)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", size.name, sizes.at(size.name));
  return text;
}

std::string describeBytes(double bytes) {
  const char* units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < std::size(units); ++unit)
    bytes /= 1024;
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", bytes, units[unit]);
}

/// Evaluates one extent or stride and refuses negative ones.
Expected<std::vector<std::int64_t>> evalAll(const std::vector<Expr>& exprs, const Sizes& sizes, const char* what) {
  std::vector<std::int64_t> values;
  for (const Expr& expr : exprs) {
    auto value = evalInteger(expr, sizes);
    if (!value)
      return tl::unexpected<ToolError>(value.error());
    if (*value < 0)
      return fail(ErrorKind::Input, fmt::format("the {} {} = {} is negative", what, expr.text, *value), expr.place);
    values.push_back(*value);
  }
  return values;
}

/// Contiguous row-major; empty on overflow.
std::optional<std::vector<std::int64_t>> contiguousStrides(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size() - 1; i-- > 0;)
    if (__builtin_mul_overflow(strides[i + 1], std::max<std::int64_t>(shape[i + 1], 1), &strides[i]))
      return std::nullopt;
  return strides;
}

/// Elements from the first to the last one addressed; empty on overflow.
std::optional<std::int64_t> extentOf(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides) {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0)
      return 0;
    std::int64_t step = 0;
    if (__builtin_mul_overflow(shape[i] - 1, strides[i], &step) || __builtin_add_overflow(last, step, &last))
      return std::nullopt;
  }
  if (last == std::numeric_limits<std::int64_t>::max())
    return std::nullopt;
  return last + 1;
}

Expected<Buffer> makeBuffer(const TensorDecl& tensor, const Sizes& sizes) {
  Buffer buffer;
  buffer.name = tensor.name;
  buffer.dtype = tensor.dtype;
  buffer.access = tensor.access;
  auto shape = evalAll(tensor.shape, sizes, "extent");
  if (!shape)
    return tl::unexpected<ToolError>(shape.error());
  buffer.shape = *shape;
  std::optional<std::vector<std::int64_t>> strides = contiguousStrides(buffer.shape);
  if (!tensor.strides.empty()) {
    auto given = evalAll(tensor.strides, sizes, "stride");
    if (!given)
      return tl::unexpected<ToolError>(given.error());
    strides = *given;
  }
  std::optional<std::int64_t> elements = strides ? extentOf(buffer.shape, *strides) : std::nullopt;
  if (!elements)
    return fail(ErrorKind::Limit, fmt::format("'{}' would have more than 2^63 elements", tensor.name), tensor.place);
  buffer.strides = *strides;
  buffer.elements = *elements;
  return buffer;
}

Expected<Dim3> evalDim3(const std::vector<Expr>& exprs, const Sizes& sizes, const char* what) {
  std::uint32_t values[3] = {1, 1, 1};
  for (std::size_t i = 0; i < exprs.size(); ++i) {
    auto value = evalInteger(exprs[i], sizes);
    if (!value)
      return tl::unexpected<ToolError>(value.error());
    if (*value < 1 || *value > std::numeric_limits<std::uint32_t>::max())
      return fail(ErrorKind::Input,
                  fmt::format("{}.{} = {} = {} can't be launched", what, "xyz"[i], exprs[i].text, *value),
                  exprs[i].place);
    values[i] = static_cast<std::uint32_t>(*value);
  }
  return Dim3{values[0], values[1], values[2]};
}

Expected<KernelArg> makeStruct(const StructArgDecl& all, const frontend::KernelParam& param, const Sizes& sizes,
                               const std::vector<Buffer>& buffers);

Expected<KernelArg> makeArg(const ArgDecl& arg, const frontend::KernelParam& param, const Sizes& sizes,
                            const std::vector<Buffer>& buffers) {
  if (const auto* all = std::get_if<StructArgDecl>(&arg.value))
    return makeStruct(*all, param, sizes, buffers);
  if (std::holds_alternative<NullArgDecl>(arg.value))
    return ScalarArg{std::vector<std::uint8_t>(8, 0)};
  if (const auto* value = std::get_if<ValueArgDecl>(&arg.value)) {
    std::optional<ScalarType> type = scalarTypeOf(param);
    if (!type)
      return fail(ErrorKind::Internal, "an argument that does not fit was not refused", arg.place);
    auto bytes = scalarBytes(*type, value->value, sizes, arg.place);
    if (!bytes)
      return tl::unexpected<ToolError>(bytes.error());
    return ScalarArg{std::move(*bytes)};
  }
  const auto& tensor = std::get<TensorArgDecl>(arg.value);
  const Buffer& buffer = buffers[tensor.tensor];
  std::int64_t offset = 0;
  if (tensor.offset) {
    auto value = evalInteger(tensor.offset, sizes);
    if (!value)
      return tl::unexpected<ToolError>(value.error());
    offset = *value;
  }
  if (offset < 0 || offset > buffer.elements)
    return fail(ErrorKind::Input,
                fmt::format("the offset {} is outside '{}' of {} elements", offset, buffer.name, buffer.elements),
                arg.place);
  return BufferArg{static_cast<std::uint32_t>(tensor.tensor),
                   offset * static_cast<std::int64_t>(kverify::sizeOf(buffer.dtype))};
}

Expected<KernelArg> makeStruct(const StructArgDecl& all, const frontend::KernelParam& param, const Sizes& sizes,
                               const std::vector<Buffer>& buffers) {
  StructArg result;
  result.bytes.resize(param.size);
  for (const FieldArgDecl& given : all.fields) {
    const frontend::KernelParam* field = frontend::findField(param, given.name);
    if (!field)
      return fail(ErrorKind::Internal, "a struct that does not fit was not refused", given.arg.place);
    auto value = makeArg(given.arg, *field, sizes, buffers);
    if (!value)
      return tl::unexpected<ToolError>(value.error());
    putField(result, field->offset, *value);
  }
  return result;
}

Expected<KernelLaunch> makeLaunch(const LaunchDecl& launch, std::span<const KernelInfo> kernels, const Sizes& sizes,
                                  const std::vector<Buffer>& buffers) {
  const KernelInfo* kernel = findKernel(kernels, launch.kernel);
  if (!kernel || kernel->params.size() != launch.args.size())
    return fail(ErrorKind::Internal, fmt::format("the contract does not fit '{}'", launch.kernel), launch.place);
  KernelLaunch result;
  result.kernel = kernel->name;
  auto grid = evalDim3(launch.grid, sizes, "grid");
  if (!grid)
    return tl::unexpected<ToolError>(grid.error());
  auto block = evalDim3(launch.block, sizes, "block");
  if (!block)
    return tl::unexpected<ToolError>(block.error());
  auto shared = evalInteger(launch.shared, sizes);
  if (!shared)
    return tl::unexpected<ToolError>(shared.error());
  if (*shared < 0 || *shared > std::numeric_limits<std::uint32_t>::max())
    return fail(ErrorKind::Input, fmt::format("shared = {} = {} bytes can't be launched", launch.shared.text, *shared),
                launch.shared.place);
  result.grid = *grid;
  result.block = *block;
  result.dynamic_shared_bytes = static_cast<std::uint32_t>(*shared);
  for (std::size_t i = 0; i < launch.args.size(); ++i) {
    auto arg = makeArg(launch.args[i], kernel->params[i], sizes, buffers);
    if (!arg)
      return tl::unexpected<ToolError>(arg.error());
    result.args.push_back(std::move(*arg));
  }
  return result;
}

} // namespace

Expected<PlanCost> planCost(const Contract& contract, const Sizes& complete_sizes) {
  if (auto axes = axisExtents(contract, complete_sizes); !axes)
    return tl::unexpected<ToolError>(axes.error());
  PlanCost cost;
  for (const TensorDecl& tensor : contract.tensors) {
    auto buffer = makeBuffer(tensor, complete_sizes);
    if (!buffer)
      return tl::unexpected<ToolError>(buffer.error());
    cost.elements.push_back(static_cast<double>(buffer->elements));
    cost.bytes += cost.elements.back() * static_cast<double>(kverify::sizeOf(buffer->dtype));
  }
  for (const LaunchDecl& launch : contract.launches) {
    auto grid = evalDim3(launch.grid, complete_sizes, "grid");
    if (!grid)
      return tl::unexpected<ToolError>(grid.error());
    auto block = evalDim3(launch.block, complete_sizes, "block");
    if (!block)
      return tl::unexpected<ToolError>(block.error());
    cost.threads += static_cast<double>(grid->x) * grid->y * grid->z * static_cast<double>(block->count());
  }
  return cost;
}

Expected<LaunchPlan> instantiate(const Contract& contract, std::span<const KernelInfo> kernels, const Sizes& sizes,
                                 const InstantiateLimits& limits) {
  auto complete = completeSizes(contract, sizes);
  if (!complete)
    return tl::unexpected<ToolError>(complete.error());
  auto broken = brokenRequirement(contract, *complete);
  if (!broken)
    return tl::unexpected<ToolError>(broken.error());
  std::string at_sizes = describeSizes(contract, *complete);
  if (*broken)
    return fail(ErrorKind::Input, fmt::format("the requirement {} does not hold at {}", (*broken)->text, at_sizes),
                (*broken)->place);
  if (auto axes = axisExtents(contract, *complete); !axes)
    return tl::unexpected<ToolError>(axes.error());

  LaunchPlan plan;
  for (const SizeDecl& size : contract.sizes)
    plan.sizes.emplace_back(size.name, complete->at(size.name));
  double bytes = 0;
  for (const TensorDecl& tensor : contract.tensors) {
    auto buffer = makeBuffer(tensor, *complete);
    if (!buffer)
      return tl::unexpected<ToolError>(buffer.error());
    bytes += static_cast<double>(buffer->elements) * static_cast<double>(kverify::sizeOf(buffer->dtype));
    plan.buffers.push_back(std::move(*buffer));
  }
  if (bytes > static_cast<double>(limits.memory_bytes))
    return fail(ErrorKind::Limit,
                fmt::format("the tensors need {} at {}; the limit is {}", describeBytes(bytes), at_sizes,
                            describeBytes(static_cast<double>(limits.memory_bytes))),
                contract.path);
  for (const LaunchDecl& launch : contract.launches) {
    auto made = makeLaunch(launch, kernels, *complete, plan.buffers);
    if (!made)
      return tl::unexpected<ToolError>(made.error());
    plan.launches.push_back(std::move(*made));
  }
  return plan;
}

} // namespace kverify::contract
