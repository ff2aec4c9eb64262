#include "contract/scalar.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "core/half.h"

namespace kverify::contract {
namespace {

template <class T>
std::vector<std::uint8_t> bytesOf(T value) {
  static_assert(std::endian::native == std::endian::little);
  std::vector<std::uint8_t> bytes(sizeof(T));
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

struct IntegerRange {
  std::int64_t low, high;
};

/// u64 is limited to what a size can be.
IntegerRange rangeOf(ScalarType type) {
  switch (type) {
  case ScalarType::Bool: return {0, 1};
  case ScalarType::I8: return {-128, 127};
  case ScalarType::U8: return {0, 255};
  case ScalarType::I16: return {-32768, 32767};
  case ScalarType::U16: return {0, 65535};
  case ScalarType::I32: return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  case ScalarType::U32: return {0, std::numeric_limits<std::uint32_t>::max()};
  case ScalarType::U64: return {0, std::numeric_limits<std::int64_t>::max()};
  default: return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

std::vector<std::uint8_t> realBytes(ScalarType type, double value) {
  switch (type) {
  case ScalarType::F16: return bytesOf(halfFromDouble(value));
  case ScalarType::BF16: return bytesOf(bfloat16FromDouble(value));
  case ScalarType::F64: return bytesOf(value);
  default: return bytesOf(static_cast<float>(value));
  }
}

} // namespace

std::optional<ScalarType> scalarTypeOf(const frontend::KernelParam& param) {
  using Kind = frontend::KernelParam::Kind;
  if (param.kind == Kind::Integer) {
    if (param.is_bool)
      return ScalarType::Bool;
    switch (param.size) {
    case 1: return param.is_signed ? ScalarType::I8 : ScalarType::U8;
    case 2: return param.is_signed ? ScalarType::I16 : ScalarType::U16;
    case 4: return param.is_signed ? ScalarType::I32 : ScalarType::U32;
    case 8: return param.is_signed ? ScalarType::I64 : ScalarType::U64;
    default: return std::nullopt;
    }
  }
  if (param.kind != Kind::Float)
    return std::nullopt;
  switch (param.size) {
  case 2: return param.is_bfloat16 ? ScalarType::BF16 : ScalarType::F16;
  case 4: return ScalarType::F32;
  case 8: return ScalarType::F64;
  default: return std::nullopt;
  }
}

std::size_t sizeOf(ScalarType type) {
  switch (type) {
  case ScalarType::Bool:
  case ScalarType::I8:
  case ScalarType::U8: return 1;
  case ScalarType::I16:
  case ScalarType::U16:
  case ScalarType::F16:
  case ScalarType::BF16: return 2;
  case ScalarType::I32:
  case ScalarType::U32:
  case ScalarType::F32: return 4;
  case ScalarType::I64:
  case ScalarType::U64:
  case ScalarType::F64: return 8;
  }
  return 0;
}

bool isFloat(ScalarType type) {
  return type == ScalarType::F16 || type == ScalarType::BF16 || type == ScalarType::F32 || type == ScalarType::F64;
}

Expected<std::vector<std::uint8_t>> scalarBytes(ScalarType type, const Expr& value, const Sizes& sizes,
                                                const std::string& place) {
  if (isFloat(type)) {
    auto real = evalReal(value, sizes);
    if (!real)
      return tl::unexpected<ToolError>(real.error());
    if (type == ScalarType::F32 && std::isfinite(*real) && !std::isfinite(static_cast<float>(*real)))
      return fail(ErrorKind::Input, fmt::format("{} = {} does not fit f32", value.text, *real), place);
    return realBytes(type, *real);
  }
  auto integer = evalInteger(value, sizes);
  if (!integer)
    return tl::unexpected<ToolError>(integer.error());
  IntegerRange range = rangeOf(type);
  if (*integer < range.low || *integer > range.high)
    return fail(ErrorKind::Input, fmt::format("{} = {} does not fit {}", value.text, *integer, nameOf(type)), place);
  std::vector<std::uint8_t> bytes = bytesOf(*integer);
  bytes.resize(sizeOf(type));
  return bytes;
}

void putField(StructArg& whole, std::uint32_t offset, const KernelArg& value) {
  if (const auto* pointer = std::get_if<BufferArg>(&value))
    whole.pointers.push_back({offset, *pointer});
  else if (const auto* number = std::get_if<ScalarArg>(&value))
    std::copy(number->bytes.begin(), number->bytes.end(), whole.bytes.begin() + offset);
}

} // namespace kverify::contract
