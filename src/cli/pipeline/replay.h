#pragma once
// Runs a replay file again and says what came of it.
#include <string>
#include <vector>

#include "cli/pipeline/replay_file.h"
#include "cli/pipeline/stop.h"

namespace kverify::pipeline {

struct ReplayResult {
  bool reproduced = false; ///< the same finding, the same inputs and the same final bits, from the same source
  bool seen = false;       ///< the finding was there, whatever else differs
  std::vector<std::string> differences; ///< one sentence each
  Finding finding;                      ///< as this run told it, where `seen`
  std::string printed;                  ///< what the kernel printed
};

/// Errors: as of prepare() and of making the module runnable.
Expected<ReplayResult> replay(const ReplayFile& file, StopSwitch* stop = nullptr);

} // namespace kverify::pipeline
