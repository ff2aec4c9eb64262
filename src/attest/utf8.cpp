#include "attest/utf8.h"

namespace kverify::attest {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0; ///< 0: there is none here
};

/// The code point that begins at `at` (table 3-7 of the Unicode Standard).
CodePoint codePointAt(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  unsigned char first = byte(0);
  if (first < 0x80)
    return {first, 1};
  std::size_t bytes = first >= 0xC2 && first < 0xE0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : first >= 0xF0 && first < 0xF5 ? 4 : 0;
  if (bytes == 0 || at + bytes > text.size())
    return {};
  char32_t value = first & (0xFF >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80)
      return {};
    value = value << 6 | (byte(i) & 0x3F);
  }
  bool too_long = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
  bool surrogate = value >= 0xD800 && value < 0xE000;
  return too_long || surrogate || value > 0x10FFFF ? CodePoint{} : CodePoint{value, bytes};
}

} // namespace

std::optional<std::size_t> firstInvalidUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    CodePoint here = codePointAt(text, at);
    if (here.bytes == 0)
      return at;
    at += here.bytes;
  }
  return std::nullopt;
}

std::string mended(std::string_view text) {
  std::string whole;
  for (std::size_t at = 0; at < text.size();) {
    CodePoint here = codePointAt(text, at);
    if (here.bytes == 0 || here.value == 0)
      whole += "\xEF\xBF\xBD";
    else
      whole += text.substr(at, here.bytes);
    at += here.bytes ? here.bytes : 1;
  }
  return whole;
}

std::vector<char16_t> utf16Of(std::string_view text) {
  std::vector<char16_t> units;
  for (std::size_t at = 0; at < text.size();) {
    CodePoint here = codePointAt(text, at);
    if (here.value < 0x10000) {
      units.push_back(static_cast<char16_t>(here.value));
    } else {
      units.push_back(static_cast<char16_t>(0xD800 + ((here.value - 0x10000) >> 10)));
      units.push_back(static_cast<char16_t>(0xDC00 + ((here.value - 0x10000) & 0x3FF)));
    }
    at += here.bytes ? here.bytes : 1;
  }
  return units;
}

} // namespace kverify::attest
