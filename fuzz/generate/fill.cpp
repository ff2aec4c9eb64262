// Contents of buffers.
#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "contract/operation.h"
#include "core/half.h"
#include "core/near_name.h"
#include "fuzz/generate/cases.h"
#include "fuzz/generate/families.h"
#include "fuzz/generate/holds.h"
#include "fuzz/judge/operations.h"
#include "fuzz/judge/places.h"

namespace kverify::generate {
namespace {

template <class T>
void put(std::vector<std::uint8_t>& bytes, std::int64_t element, T value) {
  std::memcpy(bytes.data() + static_cast<std::size_t>(element) * sizeof(T), &value, sizeof(T));
}

/// A finite value stays finite: what would round to infinity becomes the largest finite one.
void storeReal(std::vector<std::uint8_t>& bytes, DType dtype, std::int64_t element, double value) {
  auto within = [&](double largest) { return std::isinf(value) ? value : std::clamp(value, -largest, largest); };
  switch (dtype) {
  case DType::F16: return put(bytes, element, halfFromDouble(within(65504)));
  case DType::E4M3: return put(bytes, element, e4m3FromDouble(within(448)));
  case DType::E5M2: return put(bytes, element, e5m2FromDouble(within(57344)));
  case DType::BF16: return put(bytes, element, bfloat16FromDouble(value));
  default: return put(bytes, element, static_cast<float>(value));
  }
}

void storeInteger(std::vector<std::uint8_t>& bytes, DType dtype, std::int64_t element, std::int64_t value) {
  switch (dtype) {
  case DType::I32: return put(bytes, element, static_cast<std::int32_t>(value));
  case DType::I64: return put(bytes, element, value);
  default: return put(bytes, element, static_cast<std::uint8_t>(value));
  }
}

/// Visits every logical index, the last dimension fastest, with the element's place in the allocation.
template <class Visit>
void forEachIndex(const Buffer& buffer, Visit visit) {
  for (std::int64_t extent : buffer.shape)
    if (extent == 0)
      return;
  std::vector<std::int64_t> index(buffer.shape.size(), 0);
  while (true) {
    std::int64_t element = 0;
    for (std::size_t i = 0; i < index.size(); ++i)
      element += index[i] * buffer.strides[i];
    visit(index, element);
    std::size_t dimension = index.size();
    while (dimension > 0 && ++index[dimension - 1] == buffer.shape[dimension - 1])
      index[--dimension] = 0;
    if (dimension == 0)
      return;
  }
}

std::vector<std::uint8_t> garbage(const Buffer& buffer) {
  return std::vector<std::uint8_t>(static_cast<std::size_t>(buffer.elements) * sizeOf(buffer.dtype), 0xFF);
}

void fillReal(Buffer& buffer, const TensorContext& context, std::uint64_t seed) {
  Random random(seed);
  double row_scale = 1;
  buffer.bytes = garbage(buffer);
  forEachIndex(buffer, [&](const std::vector<std::int64_t>& index, std::int64_t element) {
    if (index.back() == 0)
      row_scale = drawRowScale(context, random);
    storeReal(buffer.bytes, buffer.dtype, element, drawElement(context, index, row_scale, random));
  });
}

Expected<void> fillInteger(Buffer& buffer, const TensorDecl& tensor, const Case& one_case) {
  Random random(mix(one_case.seed, tensor.name));
  auto rule = rowRule(tensor, one_case.sizes, buffer.shape.back());
  if (!rule)
    return tl::unexpected<ToolError>(rule.error());
  std::vector<std::int64_t> row;
  buffer.bytes = garbage(buffer);
  forEachIndex(buffer, [&](const std::vector<std::int64_t>& index, std::int64_t element) {
    if (index.back() == 0)
      row = drawRow(*rule, buffer.shape.back(), random);
    storeInteger(buffer.bytes, buffer.dtype, element, row[static_cast<std::size_t>(index.back())]);
  });
  return {};
}

/// A backward pass is given what its forward pass made of the other inputs, rounded to the tensors' types.
Expected<void> fillDerived(const Contract& contract, const Sizes& axes, LaunchPlan& plan) {
  auto derived = judge::derivedInputs(contract, plan);
  if (!derived)
    return tl::unexpected<ToolError>(derived.error());
  for (const auto& [role, values] : *derived) {
    const judge::RoleView view = judge::viewRole(contract, plan, axes, role);
    if (!view.tensor)
      continue;
    judge::forEachPlace(view, [&, &all = values](std::size_t i, std::int64_t element) {
      storeReal(plan.buffers[view.buffer].bytes, view.tensor->dtype, element, all[i]);
    });
  }
  return {};
}

/// Errors: Input where there is no such input, or no such element in it.
Expected<Buffer*> inputWith(LaunchPlan& plan, const std::string& tensor, std::int64_t least, std::int64_t most) {
  for (Buffer& buffer : plan.buffers) {
    if (buffer.name != tensor || buffer.bytes.empty())
      continue;
    if (least < 0 || most >= buffer.elements)
      return fail(ErrorKind::Input, fmt::format("'{}' has no element {}", tensor, least < 0 ? least : most));
    return &buffer;
  }
  return fail(ErrorKind::Input, fmt::format("there is no input '{}' to change", tensor));
}

/// Some elements of a float tensor get other values.
Expected<void> change(LaunchPlan& plan, const std::string& tensor, const Values& values) {
  if (values.empty())
    return {};
  auto buffer = inputWith(plan, tensor, values.begin()->first, values.rbegin()->first);
  if (!buffer)
    return tl::unexpected<ToolError>(buffer.error());
  if (!isFloat((*buffer)->dtype))
    return fail(ErrorKind::Input, fmt::format("'{}' holds integers: what they may be is the contract's to say", tensor));
  for (const auto& [element, value] : values)
    storeReal((*buffer)->bytes, (*buffer)->dtype, element, value);
  return {};
}

/// All elements but these become zero. Errors: Input where one does not exist.
Expected<void> keepOnly(LaunchPlan& plan, const std::string& tensor, const std::vector<std::int64_t>& kept) {
  auto [least, most] = std::minmax_element(kept.begin(), kept.end());
  auto buffer = inputWith(plan, tensor, kept.empty() ? 0 : *least, kept.empty() ? -1 : *most);
  if (!buffer)
    return tl::unexpected<ToolError>(buffer.error());
  const std::size_t size = sizeOf((*buffer)->dtype);
  std::vector<std::uint8_t> bytes((*buffer)->bytes.size(), 0);
  for (std::int64_t element : kept)
    std::memcpy(bytes.data() + static_cast<std::size_t>(element) * size,
                (*buffer)->bytes.data() + static_cast<std::size_t>(element) * size, size);
  (*buffer)->bytes = std::move(bytes);
  return {};
}

/// Of a plan that runs one block only.
bool isLarge(const Buffer& buffer) {
  return buffer.elements > (std::int64_t{1} << 20);
}

} // namespace

Expected<LaunchPlan> buildPlan(const Contract& contract, std::span<const frontend::KernelInfo> kernels,
                               const Case& one_case, const contract::InstantiateLimits& limits) {
  contract::InstantiateLimits unlimited{.memory_bytes = std::uint64_t{1} << 62};
  auto plan = contract::instantiate(contract, kernels, one_case.sizes, one_case.only_block ? unlimited : limits);
  if (!plan)
    return plan;
  plan->only_block = one_case.only_block;
  auto complete = completeSizes(contract, one_case.sizes);
  if (!complete)
    return tl::unexpected<ToolError>(complete.error());
  Case completed = one_case;
  completed.sizes = *complete;
  auto axes = contract::axisExtents(contract, completed.sizes);
  if (!axes)
    return tl::unexpected<ToolError>(axes.error());
  std::optional<Family> family = parseFamily(one_case.family);
  if (!family)
    return fail(ErrorKind::Input, fmt::format("there is no family of values '{}'", one_case.family), {},
                didYouMean(one_case.family, familyNames(contract)));
  for (std::size_t i = 0; i < contract.tensors.size(); ++i) {
    const TensorDecl& tensor = contract.tensors[i];
    if (tensor.access != Access::Read && tensor.access != Access::ReadWrite)
      continue;
    if (plan->only_block && isLarge(plan->buffers[i])) {
      if (tensor.holds)
        return fail(ErrorKind::Limit, fmt::format("'{}' is too large for what it has to hold", tensor.name));
      continue;
    }
    if (isFloat(tensor.dtype))
      fillReal(plan->buffers[i], describeTensor(contract, tensor, *axes, *family, one_case.seed),
               mix(one_case.seed, tensor.name));
    else if (auto filled = fillInteger(plan->buffers[i], tensor, completed); !filled)
      return tl::unexpected<ToolError>(filled.error());
  }
  for (const auto& [tensor, values] : one_case.changed)
    if (auto done = change(*plan, tensor, values); !done)
      return tl::unexpected<ToolError>(done.error());
  for (const auto& [tensor, kept] : one_case.kept)
    if (auto done = keepOnly(*plan, tensor, kept); !done)
      return tl::unexpected<ToolError>(done.error());
  if (!plan->only_block)
    if (auto filled = fillDerived(contract, *axes, *plan); !filled)
      return tl::unexpected<ToolError>(filled.error());
  return plan;
}

void fillAssumedPlan(LaunchPlan& plan, std::uint64_t seed) {
  for (Buffer& buffer : plan.buffers) {
    Random random(mix(seed, buffer.name));
    buffer.bytes = garbage(buffer);
    for (std::int64_t element = 0; element < buffer.elements; ++element) {
      if (isFloat(buffer.dtype))
        storeReal(buffer.bytes, buffer.dtype, element, random.normal());
      else
        storeInteger(buffer.bytes, buffer.dtype, element, static_cast<std::int64_t>(random.below(64)));
    }
  }
}

} // namespace kverify::generate
