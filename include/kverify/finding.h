#pragma once
// A defect, with both sides of it, as data. Renderers turn it into text; checks never print.
#include <optional>
#include <string>
#include <vector>

#include "kverify/check.h"
#include "kverify/facts.h"
#include "kverify/source.h"

namespace kverify {

/// One place involved in a finding and what happened there: "thread (0,0,0) of block (0,0,0) writes 4 bytes".
struct FindingLocation {
  SourceStack stack; ///< innermost first; stack[0] is the place itself
  std::string what;
  std::optional<ThreadId> thread;     ///< who
  std::optional<MemoryAccess> access; ///< to FindingFacts::object
};

struct Finding {
  std::string check; ///< CheckInfo::id
  Severity severity = Severity::Error;
  std::string message;                    ///< "two threads touch smem[32] with no barrier between"
  std::vector<FindingLocation> locations; ///< the primary one first
  std::string launch;                     ///< "grid=1 block=64, seq_len=33 (head_dim: any)"
  std::string help;
  std::string fingerprint; ///< stable under moved lines: hash of check, kernel, normalised line text
  bool confirmed = false;  ///< the executor or a GPU reproduced it
  std::string replay;      ///< path of the replay file, or empty
  FindingFacts facts;      ///< the same as numbers, as far as the run knows them
  std::string code;        ///< CheckInfo::code as a saved report has it; empty: look it up
};

} // namespace kverify
