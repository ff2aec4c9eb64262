#include "report/ink.h"

#include <fmt/format.h>

namespace kverify::report {

std::string inked(std::string_view text, Ink ink, bool color) {
  if (!color || ink == Ink::Plain)
    return std::string(text);
  const char* code = "0";
  switch (ink) {
  case Ink::Bold: code = "1"; break;
  case Ink::Red: code = "1;31"; break;
  case Ink::Yellow: code = "1;33"; break;
  case Ink::Green: code = "1;32"; break;
  case Ink::Blue: code = "34"; break;
  case Ink::Faint: code = "2"; break;
  case Ink::Plain: break;
  }
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

Ink inkOf(std::string_view outcome) {
  if (outcome == "refuted")
    return Ink::Red;
  if (outcome == "unknown" || outcome == "inconclusive" || outcome == "not judged")
    return Ink::Yellow;
  return Ink::Green;
}

} // namespace kverify::report
