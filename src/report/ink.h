#pragma once
// Colours of a terminal.
#include <string>
#include <string_view>

namespace kverify::report {

enum class Ink { Plain, Bold, Red, Yellow, Green, Blue, Faint };

/// The text in a colour, or as it is where colours are off.
std::string inked(std::string_view text, Ink ink, bool color);

/// The colour of an outcome's or verdict's name.
Ink inkOf(std::string_view outcome);

} // namespace kverify::report
