#pragma once
// `// kverify-allow(id): reason`: a person says that a warning is known and why it stays. Always shown in the report.
#include <string>

#include "kverify/source.h"

namespace kverify {

struct Suppression {
  enum class State {
    Used,    ///< it silenced a finding of the static stage
    Unused,  ///< there was nothing to silence at its line
    Refused, ///< it can't be: the finding was shown by a run, or the comment itself is wrong
  };
  std::string check; ///< as written
  SourceLocation at; ///< of the comment
  std::string reason;
  State state = State::Unused;
  std::string silenced; ///< the message of what it is about, or empty
};

} // namespace kverify
