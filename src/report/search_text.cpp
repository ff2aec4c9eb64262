#include "report/search_text.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "report/ink.h"

namespace kverify::report {
namespace {

constexpr std::size_t kMostRanges = 8; ///< of lines that are named without being asked for

std::string attribute(std::string_view name, std::string_view value, bool color) {
  return fmt::format("  {} {}: {}\n", inked("=", Ink::Blue, color), name, value);
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string nameOf(const std::string& file, const std::string& kernel_file) {
  return file == kernel_file ? "" : file + ":";
}

/// "41, 47-52"; lines of other files with their name before them.
std::string rangesOf(const std::vector<LineMissed>& lines, const std::string& kernel_file, std::size_t most) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t end = i + 1;
    while (end < lines.size() && lines[end].file == lines[i].file && lines[end].line == lines[end - 1].line + 1)
      ++end;
    std::string text = nameOf(lines[i].file, kernel_file) + std::to_string(lines[i].line);
    if (end - i > 1)
      text += fmt::format("-{}", lines[end - 1].line);
    parts.push_back(std::move(text));
    i = end;
  }
  const std::size_t shown = std::min(most, parts.size());
  std::string text = fmt::format("{}", fmt::join(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return shown < parts.size() ? text + fmt::format(" and {} more places", parts.size() - shown) : text;
}

std::string searchLine(const Search& search) {
  std::vector<std::string> parts;
  if (search.replayed > 0)
    parts.push_back(counted(search.replayed, "saved case replayed first", "saved cases replayed first"));
  parts.push_back(counted(search.drawn, "case drawn", "cases drawn"));
  if (!search.ended.empty())
    parts.push_back(fmt::format("{} guided by coverage ({} kept; {})", search.guided, search.kept, search.ended));
  std::string text = fmt::format("{}; {}, seed {}", fmt::join(parts, ", "), counted(search.shapes, "shape", "shapes"), search.seed);
  std::vector<std::string> rejected;
  if (search.rejected_requires > 0)
    rejected.push_back(fmt::format("{} outside of the contract", search.rejected_requires));
  if (search.rejected_work > 0)
    rejected.push_back(fmt::format("{} too large", search.rejected_work));
  if (search.rejected_saved > 0)
    rejected.push_back(fmt::format("{} saved for other contracts", search.rejected_saved));
  return rejected.empty() ? text : text + fmt::format("; rejected: {}", fmt::join(rejected, ", "));
}

std::string coverageLine(const Coverage& coverage, const std::string& kernel_file, bool all) {
  std::string text = fmt::format("{} of {} ways out of branches, {} of {}, {} of {} lines", coverage.ways_reached, coverage.ways,
                                 counted(coverage.trip_classes, "trip class", "trip classes"),
                                 counted(coverage.loops.size(), "loop", "loops"),
                                 coverage.lines - coverage.lines_missed.size(), coverage.lines);
  if (!coverage.lines_missed.empty())
    text += fmt::format("; no case reached {} {}",
                        coverage.lines_missed.size() == 1 ? "line" : "lines",
                        rangesOf(coverage.lines_missed, kernel_file, all ? SIZE_MAX : kMostRanges));
  else if (coverage.ways_reached < coverage.ways)
    text += fmt::format("; never {} at {}{}:{}", coverage.ways_missed[0].when,
                        nameOf(coverage.ways_missed[0].file, kernel_file), coverage.ways_missed[0].line,
                        coverage.ways_missed[0].column);
  return text;
}

/// One row a branch; one that was taken neither way was not reached at all.
std::string branchRows(const std::vector<WayMissed>& missed, const std::string& kernel_file) {
  std::string text;
  for (std::size_t i = 0; i < missed.size();) {
    std::vector<std::string> whens;
    const WayMissed& way = missed[i];
    for (; i < missed.size() && std::tie(missed[i].file, missed[i].line, missed[i].column) == std::tie(way.file, way.line, way.column); ++i)
      whens.push_back(missed[i].when);
    const bool neither = whens == std::vector<std::string>{"false", "true"};
    text += fmt::format("    branch at {}{}:{}: never {}\n", nameOf(way.file, kernel_file), way.line, way.column,
                        neither ? "reached" : fmt::format("{}", fmt::join(whens, ", ")));
  }
  return text;
}

} // namespace

std::string renderSearch(const KernelReport& kernel, const TextOptions& options) {
  if (!kernel.search)
    return {};
  std::string text = attribute("search", searchLine(*kernel.search), options.color);
  const auto& coverage = kernel.search->coverage;
  if (!coverage || coverage->lines == 0)
    return text;
  text += attribute("coverage", coverageLine(*coverage, kernel.file, options.all_checks), options.color);
  if (!options.all_checks)
    return text;
  for (const LoopTrips& loop : coverage->loops)
    text += fmt::format("    loop at {}{}: {} trips\n", nameOf(loop.file, kernel.file), loop.line,
                        loop.classes.empty() ? "not reached, no" : fmt::format("{}", fmt::join(loop.classes, ", ")));
  return text + branchRows(coverage->ways_missed, kernel.file);
}

} // namespace kverify::report
