#include "report/escape.h"

#include <cstdint>

namespace kverify::report {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD"; // U+FFFD

/// Bytes of the UTF-8 sequence that begins here, as far as it is one that XML allows; 0 where it is none.
std::size_t sequenceLength(std::string_view text) {
  auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  std::uint8_t first = at(0);
  std::size_t length = first < 0x80 ? 1 : (first >> 5) == 0x6 ? 2 : (first >> 4) == 0xe ? 3 : (first >> 3) == 0x1e ? 4 : 0;
  if (length == 0 || length > text.size())
    return 0;
  std::uint32_t point = length == 1 ? first : first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80)
      return 0;
    point = point << 6 | (at(i) & 0x3fu);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  bool overlong = point < kLeast[length];
  bool control = point < 0x20 && point != '\t' && point != '\n' && point != '\r';
  bool surrogate = point >= 0xd800 && point <= 0xdfff;
  bool forbidden = control || surrogate || overlong || point == 0xfffe || point == 0xffff || point > 0x10ffff;
  return forbidden ? 0 : length;
}

std::string escaped(std::string_view text, bool attribute) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    std::size_t length = sequenceLength(text);
    char c = text[0];
    if (length == 0)
      out += kReplacement;
    else if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else if (attribute && (c == '\n' || c == '\t' || c == '\r'))
      out += c == '\n' ? "&#10;" : c == '\t' ? "&#9;" : "&#13;";
    else
      out += text.substr(0, length);
    text.remove_prefix(length ? length : 1);
  }
  return out;
}

} // namespace

std::string escapeXml(std::string_view text) {
  return escaped(text, false);
}

std::string escapeAttribute(std::string_view text) {
  return escaped(text, true);
}

} // namespace kverify::report
