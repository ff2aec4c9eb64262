#pragma once
// The rounds as a table (markdown), a plot (SVG) and JSON (specs/schema/loop.schema.json).
#include <string>
#include <vector>

#include "cli/loop/round.h"

namespace kverify::loop {

inline constexpr const char* kLoopFormat = "kverify.loop/1";

struct History {
  std::string spec, version;
  std::vector<Round> rounds;
  std::string ended; ///< why it ended: "all rounds are done", "the proposer has nothing more", …
  double margin = 0;
};

std::string historyTable(const History& history);
std::string historyPlot(const History& history);
std::string historyJson(const History& history);

/// "best: round 4, 0.512 ms, 1.95 times as fast as round 0, where it began".
std::string conclusionOf(const History& history);

} // namespace kverify::loop
