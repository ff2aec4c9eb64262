#include "simt/coverage.h"

#include <algorithm>

namespace kverify::simt {

std::string tripClassText(std::uint32_t trip_class) {
  if (trip_class + 1 == kTripClasses)
    return "0";
  const std::uint64_t last = std::uint64_t{1} << trip_class, first = trip_class < 2 ? last : last / 2 + 1;
  return first == last ? std::to_string(last) : std::to_string(first) + "-" + std::to_string(last);
}

std::vector<bool> CoverageMap::blocksRun(const std::vector<std::uint8_t>& reached) const {
  std::vector<bool> run(blocks.size());
  std::vector<std::uint32_t> open = entries;
  auto taken = [&](const Points& points) {
    if (points.count == 0)
      return true;
    auto first = reached.begin() + points.first;
    return points.first + points.count <= reached.size() &&
           std::any_of(first, first + points.count, [](std::uint8_t byte) { return byte != 0; });
  };
  while (!open.empty()) {
    std::uint32_t block = open.back();
    open.pop_back();
    if (run[block])
      continue;
    run[block] = true;
    for (const Edge& edge : blocks[block].next)
      if (!run[edge.block] && taken(edge.taken))
        open.push_back(edge.block);
  }
  return run;
}

} // namespace kverify::simt
