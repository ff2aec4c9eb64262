#pragma once
// Text for XML and HTML.
#include <string>
#include <string_view>

namespace kverify::report {

/// For text and attribute values of XML and HTML: & < > " ' are entities; bytes that XML 1.0 forbids (control characters,
/// what is not UTF-8) become U+FFFD.
std::string escapeXml(std::string_view text);

/// The same for attribute values of XML, where a newline, a tab or a return would be read as a blank.
std::string escapeAttribute(std::string_view text);

} // namespace kverify::report
