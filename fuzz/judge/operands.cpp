#include "fuzz/judge/operands.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "contract/operation.h"
#include "core/half.h"
#include "fuzz/judge/places.h"

namespace kverify::judge {
namespace {

template <class T>
T load(std::span<const std::uint8_t> bytes, std::int64_t element) {
  T value;
  std::memcpy(&value, bytes.data() + static_cast<std::size_t>(element) * sizeof(T), sizeof(T));
  return value;
}

std::int64_t loadInteger(DType dtype, std::span<const std::uint8_t> bytes, std::int64_t element) {
  switch (dtype) {
  case DType::I64: return load<std::int64_t>(bytes, element);
  case DType::U8: return load<std::uint8_t>(bytes, element);
  default: return load<std::int32_t>(bytes, element);
  }
}

double loadReal(DType dtype, std::span<const std::uint8_t> bytes, std::int64_t element) {
  switch (dtype) {
  case DType::F16: return doubleFromHalf(load<std::uint16_t>(bytes, element));
  case DType::BF16: return doubleFromBfloat16(load<std::uint16_t>(bytes, element));
  case DType::E4M3: return doubleFromE4m3(load<std::uint8_t>(bytes, element));
  case DType::E5M2: return doubleFromE5m2(load<std::uint8_t>(bytes, element));
  case DType::F32: return load<float>(bytes, element);
  default: return static_cast<double>(loadInteger(dtype, bytes, element));
  }
}

} // namespace

std::int64_t RoleView::count() const {
  std::int64_t product = 1;
  for (std::int64_t extent : extents)
    product *= extent;
  return product;
}

std::int64_t RoleView::elementAt(std::int64_t flat) const {
  std::int64_t element = 0;
  for (std::size_t i = extents.size(); i-- > 0;) {
    element += flat % extents[i] * strides[i];
    flat /= extents[i];
  }
  return element;
}

std::string RoleView::indexText(std::int64_t flat) const {
  std::vector<std::int64_t> index(extents.size());
  for (std::size_t i = extents.size(); i-- > 0;) {
    index[i] = flat % extents[i];
    flat /= extents[i];
  }
  std::string text;
  for (std::size_t i = 0; i < index.size(); ++i)
    text += fmt::format("{}{}={}", i ? ", " : "", role->axes[i], index[i]);
  return "[" + text + "]";
}

RoleView viewRole(const Contract& contract, const LaunchPlan& plan, const Sizes& axes, const std::string& role) {
  RoleView view;
  view.role = contract.spec->findRole(role);
  view.tensor = contract.findRole(role);
  if (!view.role || !view.tensor)
    return view;
  view.buffer = static_cast<std::size_t>(view.tensor - contract.tensors.data());
  const Buffer& buffer = plan.buffers[view.buffer];
  for (const std::string& axis : view.role->axes) {
    auto at = std::find(view.tensor->axes.begin(), view.tensor->axes.end(), axis);
    view.extents.push_back(axes.at(axis));
    const bool repeats = contract::repeats(*view.tensor, *view.role, axis);
    view.strides.push_back(repeats ? 0 : buffer.strides[static_cast<std::size_t>(at - view.tensor->axes.begin())]);
  }
  return view;
}

std::vector<double> readDense(const RoleView& view, DType dtype, std::span<const std::uint8_t> bytes) {
  std::vector<double> values(static_cast<std::size_t>(view.count()));
  // The type is looked at once, not for every element.
  auto readAs = [&]<DType type>() {
    forEachPlace(view, [&](std::size_t i, std::int64_t element) { values[i] = loadReal(type, bytes, element); });
  };
  switch (dtype) {
  case DType::F32: readAs.operator()<DType::F32>(); break;
  case DType::F16: readAs.operator()<DType::F16>(); break;
  case DType::BF16: readAs.operator()<DType::BF16>(); break;
  default:
    forEachPlace(view, [&](std::size_t i, std::int64_t element) { values[i] = loadReal(dtype, bytes, element); });
  }
  return values;
}

std::vector<std::int64_t> readIntegers(const RoleView& view, DType dtype, std::span<const std::uint8_t> bytes) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(view.count()));
  forEachPlace(view, [&](std::size_t i, std::int64_t element) { values[i] = loadInteger(dtype, bytes, element); });
  return values;
}

} // namespace kverify::judge
