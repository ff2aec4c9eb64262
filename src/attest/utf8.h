#pragma once
// UTF-8 as RFC 3629 has it: shortest forms only, no surrogates, nothing above U+10FFFF.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kverify::attest {

/// Position of the first byte that does not belong there; nothing where the text is UTF-8.
std::optional<std::size_t> firstInvalidUtf8(std::string_view text);

/// The text with U+FFFD for every byte that is no UTF-8 and for every NUL.
std::string mended(std::string_view text);

/// UTF-16 code units of valid UTF-8.
std::vector<char16_t> utf16Of(std::string_view text);

} // namespace kverify::attest
