#pragma once
// Element types of tensors.
#include <cstddef>
#include <optional>
#include <string_view>

namespace kverify {

enum class DType { F32, F16, BF16, E4M3, E5M2, I32, I64, U8 };

/// Bytes of one element.
constexpr std::size_t sizeOf(DType type) {
  switch (type) {
  case DType::F32:
  case DType::I32: return 4;
  case DType::F16:
  case DType::BF16: return 2;
  case DType::I64: return 8;
  case DType::E4M3:
  case DType::E5M2:
  case DType::U8: return 1;
  }
  return 0;
}

/// 8-bit floats: E4M3 without infinities (the OCP's "FN" form), E5M2 with them.
constexpr bool isFloat8(DType type) {
  return type == DType::E4M3 || type == DType::E5M2;
}

constexpr bool isFloat(DType type) {
  return type == DType::F32 || type == DType::F16 || type == DType::BF16 || isFloat8(type);
}

/// The name used in contracts: "f32", "f16", "bf16", "e4m3", "e5m2", "i32", "i64", "u8".
constexpr std::string_view nameOf(DType type) {
  switch (type) {
  case DType::F32: return "f32";
  case DType::F16: return "f16";
  case DType::BF16: return "bf16";
  case DType::E4M3: return "e4m3";
  case DType::E5M2: return "e5m2";
  case DType::I32: return "i32";
  case DType::I64: return "i64";
  case DType::U8: return "u8";
  }
  return "?";
}

constexpr std::optional<DType> parseDType(std::string_view name) {
  for (DType type : {DType::F32, DType::F16, DType::BF16, DType::E4M3, DType::E5M2, DType::I32, DType::I64, DType::U8})
    if (nameOf(type) == name)
      return type;
  return std::nullopt;
}

} // namespace kverify
