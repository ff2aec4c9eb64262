#pragma once
// The comments `// kverify-allow(id): reason` of a source text.
#include <string>
#include <string_view>
#include <vector>

#include "kverify/suppression.h"

namespace kverify::verifier::lint {

/// A comment speaks for its own line, or where nothing stands before it, for the next line that holds code.
struct Allowance {
  Suppression suppression;
  unsigned line = 0; ///< the one it speaks for
  bool in_block = false; ///< in a /* */ comment, where it allows nothing
};

/// In order. A reason that is missing is the empty text. What only looks so inside a string is none.
std::vector<Allowance> allowancesIn(const std::string& file, std::string_view text);

} // namespace kverify::verifier::lint
