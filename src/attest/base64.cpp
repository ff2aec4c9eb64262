#include "attest/base64.h"

#include <algorithm>
#include <climits>

#include <openssl/evp.h>

namespace kverify::attest {

std::string toBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0'); // OpenSSL ends it with a NUL
  // In steps: OpenSSL counts in int. 3 divides each step, so that only the last one is padded.
  constexpr std::size_t kStep = std::size_t{3} << 20;
  std::size_t written = 0;
  for (std::size_t at = 0; at < bytes.size(); at += kStep) {
    std::string_view part = bytes.substr(at, kStep);
    written += static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data() + written),
                                                        reinterpret_cast<const unsigned char*>(part.data()),
                                                        static_cast<int>(part.size())));
  }
  text.resize(written);
  return text;
}

std::optional<std::string> fromBase64(std::string_view text) {
  if (text.empty())
    return std::string();
  // OpenSSL skips blanks around it, so it is told to write it again, below.
  if (text.size() % 4 != 0 || text.size() > INT_MAX)
    return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                             reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0)
    return std::nullopt;
  std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(size) - std::min(padding, static_cast<std::size_t>(size)));
  return toBase64(bytes) == text ? std::optional(std::move(bytes)) : std::nullopt;
}

} // namespace kverify::attest
