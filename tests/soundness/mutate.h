#pragma once
// One change to a kernel's text: the mistakes that people make with barriers, guards, indices and strides.
#include <string>
#include <vector>

namespace kverify::soundness {

struct Mutant {
  unsigned line = 0; ///< from 1
  std::string what;  ///< "no barrier", "< became <=", …
  std::string source;
};

/// Every mutant of the text, in order of lines. Comments, declarations of arrays and preprocessor lines stay.
std::vector<Mutant> mutantsOf(const std::string& source);

} // namespace kverify::soundness
