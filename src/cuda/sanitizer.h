#pragma once
// compute-sanitizer's text output, read into facts.
#include <string>
#include <string_view>
#include <vector>

namespace kverify::cuda {

struct SanitizerPlace {
  std::string function; ///< "flash(float *, int)"
  std::string file;     ///< as printed; empty without line information
  unsigned line = 0;
  std::string what;     ///< "write", "read", "atomic", "barrier", …
};

struct SanitizerFinding {
  std::string check;   ///< ours: "bounds.global-write"; empty where we have none of its kind
  std::string message; ///< its first line
  std::vector<SanitizerPlace> places; ///< one, or the two sides of a race
};

struct SanitizerReport {
  bool ran = false;    ///< it came to its summary
  std::string problem; ///< why it did not: "Device not supported"
  std::vector<SanitizerFinding> findings; ///< each check and place once
};

/// `text`: of one tool's run, stdout and stderr together.
SanitizerReport parseSanitizer(std::string_view text);

/// $KVERIFY_COMPUTE_SANITIZER, the PATH, or the toolkit's usual place; empty where there is none.
std::string findSanitizer();

} // namespace kverify::cuda
