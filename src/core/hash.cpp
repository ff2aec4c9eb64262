#include "core/hash.h"

#include <array>

#include <fmt/format.h>
#include <openssl/sha.h>

namespace kverify {

std::string sha256Hex(std::string_view bytes) {
  return sha256Hex(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

std::string sha256Hex(std::span<const std::uint8_t> bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(bytes.data(), bytes.size(), digest.data());
  std::string hex;
  for (unsigned char byte : digest)
    hex += fmt::format("{:02x}", byte);
  return hex;
}

} // namespace kverify
