#pragma once
// Where something is in the source that the user wrote.
#include <string>
#include <vector>

namespace kverify {

/// The bytes that are judged, and their identity.
struct KernelSource {
  std::string path;   ///< as the user wrote it
  std::string bytes;  ///< the whole file
  std::string sha256; ///< lower-case hex of `bytes`
};

/// A position in a source file. `line` and `column` count from 1; 0 means unknown.
struct SourceLocation {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  std::string function; ///< the (demangled) function this position is in; may be empty

  bool operator==(const SourceLocation&) const = default;
};

/// Innermost first: the position itself, then the call sites it was inlined into or called from.
using SourceStack = std::vector<SourceLocation>;

} // namespace kverify
