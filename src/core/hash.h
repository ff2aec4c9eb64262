#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kverify {

/// Lower-case hex SHA-256 of the bytes.
std::string sha256Hex(std::string_view bytes);
std::string sha256Hex(std::span<const std::uint8_t> bytes);

} // namespace kverify
