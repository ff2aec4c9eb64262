#pragma once
// Base64 as RFC 4648, section 4 has it, with one spelling for every sequence of bytes.
#include <optional>
#include <string>
#include <string_view>

namespace kverify::attest {

std::string toBase64(std::string_view bytes);

/// Nothing where `text` is not exactly what toBase64 gives for some bytes: no blanks, no other alphabet, whole padding,
/// no stray bits.
std::optional<std::string> fromBase64(std::string_view text);

} // namespace kverify::attest
