// From points to the source: which ways out of branches, which trips, which lines.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "cli/pipeline/search.h"

namespace kverify::pipeline {
namespace {

using Place = std::tuple<std::string, unsigned, unsigned>; ///< file, line, column

/// The innermost place that is the user's, or nothing: all of it is in headers of the system.
std::optional<Place> placeOf(const SourceStack& stack, const std::vector<std::string>& system_folders) {
  auto own = std::find_if_not(stack.begin(), stack.end(), [&](const SourceLocation& at) {
    return std::any_of(system_folders.begin(), system_folders.end(),
                       [&](const std::string& folder) { return at.file.starts_with(folder); });
  });
  if (own == stack.end() || own->line == 0)
    return std::nullopt;
  return Place(own->file, own->line, own->column);
}

/// Every copy of an inlined function counts for its one source.
void describeWays(const simt::CoverageMap& map, const std::vector<std::uint8_t>& reached,
                  const std::vector<std::string>& system_folders, Coverage& coverage) {
  std::map<std::pair<Place, std::string>, bool> ways;
  for (const simt::CoverageMap::Way& way : map.ways)
    if (auto place = placeOf(way.place, system_folders); place && !way.ends_in_trap)
      ways[{*place, way.when}] |= reached[way.point] != 0;
  coverage.ways = ways.size();
  for (const auto& [way, was_reached] : ways) {
    coverage.ways_reached += was_reached;
    const auto& [file, line, column] = way.first;
    if (!was_reached)
      coverage.ways_missed.push_back({file, line, column, way.second});
  }
}

void describeLoops(const simt::CoverageMap& map, const std::vector<std::uint8_t>& reached,
                   const std::vector<std::string>& system_folders, Coverage& coverage) {
  std::map<Place, std::set<std::uint32_t>> loops;
  for (const simt::CoverageMap::Loop& loop : map.loops)
    if (auto place = placeOf(loop.place, system_folders)) {
      std::set<std::uint32_t>& classes = loops[*place];
      for (std::uint32_t i = 0; i < simt::kTripClasses; ++i)
        if (reached[loop.first + i])
          classes.insert((i + 1) % simt::kTripClasses); // 0 first
    }
  for (const auto& [place, classes] : loops) {
    LoopTrips trips{.file = std::get<0>(place), .line = std::get<1>(place)};
    for (std::uint32_t each : classes)
      trips.classes.push_back(simt::tripClassText((each + simt::kTripClasses - 1) % simt::kTripClasses));
    coverage.trip_classes += classes.size();
    coverage.loops.push_back(std::move(trips));
  }
}

/// The lines that hold nothing but braces: where a scope ends, which is nobody's to reach.
std::set<unsigned> bracesIn(const std::string& bytes) {
  std::set<unsigned> braces;
  std::istringstream lines(bytes);
  unsigned number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    line = line.substr(0, line.find("//"));
    if (line.find_first_not_of(" \t\r{};") == std::string::npos)
      braces.insert(number);
  }
  return braces;
}

void describeLines(const simt::CoverageMap& map, const std::vector<std::uint8_t>& reached, const Subject& subject,
                   Coverage& coverage) {
  const std::vector<std::string>& system_folders = subject.system_folders;
  const std::set<unsigned> braces = bracesIn(subject.module.source.bytes);
  const std::vector<bool> ran = map.blocksRun(reached);
  std::map<std::pair<std::string, unsigned>, bool> lines;
  for (std::size_t i = 0; i < map.blocks.size(); ++i)
    for (std::uint32_t each : map.blocks[i].places)
      if (auto place = placeOf(map.places[each], system_folders); place && !(map.blocks[i].ends_in_trap && !ran[i]))
        lines[{std::get<0>(*place), std::get<1>(*place)}] |= ran[i];
  std::erase_if(lines, [&](const auto& line) {
    return line.first.first == subject.module.source.path && braces.contains(line.first.second);
  });
  coverage.lines = lines.size();
  for (const auto& [line, was_reached] : lines)
    if (!was_reached)
      coverage.lines_missed.push_back({line.first, line.second});
}

} // namespace

Coverage describeCoverage(const simt::CoverageMap& map, const std::vector<std::uint8_t>& reached, const Subject& subject) {
  Coverage coverage;
  if (reached.size() != map.points)
    return coverage;
  describeWays(map, reached, subject.system_folders, coverage);
  describeLoops(map, reached, subject.system_folders, coverage);
  describeLines(map, reached, subject, coverage);
  return coverage;
}

std::vector<std::uint8_t> reachedBy(const simt::CoverageMap& map, const std::vector<CaseRun>& runs) {
  std::vector<std::uint8_t> reached(map.points, 0);
  for (const CaseRun& run : runs)
    for (std::size_t i = 0; i < run.coverage.size() && i < reached.size(); ++i)
      reached[i] |= run.coverage[i];
  return reached;
}

} // namespace kverify::pipeline
