#include "cuda/sanitizer.h"

#include <cstdlib>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

#include <unistd.h>

namespace kverify::cuda {
namespace {

/// What a record's first line accuses of, as one of our checks.
std::string checkFor(const std::string& line, const std::string& whole) {
  auto has = [&](const char* words) { return line.find(words) != std::string::npos; };
  const bool writes = has(" write of size") || has(" atomic of size") || has(" reduction of size");
  if (has("Uninitialized __global__"))
    return "init.global-read";
  if (has("Uninitialized __shared__"))
    return "init.shared-read";
  if (has("Invalid __") && whole.find("is misaligned") != std::string::npos)
    return "align.access";
  if (has("Invalid __global__"))
    return writes ? "bounds.global-write" : "bounds.global-read";
  if (has("Invalid __shared__"))
    return writes ? "bounds.shared-write" : "bounds.shared-read";
  if (has("Invalid __local__"))
    return "bounds.local";
  if (has("Race reported between")) {
    const bool reads = whole.find("Read access") != std::string::npos;
    return reads ? "race.shared-read-write" : "race.shared-write-write";
  }
  if (has("Barrier error detected")) {
    if (whole.find("in block") != std::string::npos || whole.find("Divergent thread(s) in block") != std::string::npos)
      return whole.find("Divergent thread(s) in warp") != std::string::npos ? "warp.divergent" : "barrier.divergent";
    return "warp.divergent";
  }
  if (has("Potential deadlock") || has("deadlock"))
    return "barrier.deadlock";
  return {};
}

/// "…at name(args)+0xc0 in file.cu:19" or "… access at name(args)+0xc0 in file.cu:29".
std::optional<SanitizerPlace> placeIn(const std::string& line) {
  static const std::regex with_line(R"(\bat (.+)\+0x[0-9a-f]+ in (.+):([0-9]+)(?: \[[0-9]+ hazards?\])?$)");
  static const std::regex without(R"(\bat (.+)\+0x[0-9a-f]+(?: in .+)?$)");
  std::smatch match;
  SanitizerPlace place;
  if (std::regex_search(line, match, with_line)) {
    place.function = match[1];
    place.file = match[2];
    place.line = static_cast<unsigned>(std::stoul(match[3]));
  } else if (std::regex_search(line, match, without)) {
    place.function = match[1];
  } else {
    return std::nullopt;
  }
  place.what = line.find("Write access") != std::string::npos || line.find("write") != std::string::npos  ? "write"
               : line.find("Read access") != std::string::npos || line.find("read") != std::string::npos ? "read"
                                                                                                         : "";
  return place;
}

bool startsRecord(const std::string& line) {
  static constexpr const char* kStarts[] = {"Invalid __", "Uninitialized __", "Error: Race reported", "Warning: Race reported",
                                            "Error: Potential", "Barrier error detected", "Error: Barrier", "Program hit",
                                            "Error: Deadlock", "Potential deadlock"};
  for (const char* start : kStarts)
    if (line.starts_with(start))
      return true;
  return false;
}

/// The lines of one record, without the prefix.
std::optional<SanitizerFinding> findingFrom(const std::vector<std::string>& record) {
  SanitizerFinding finding{.message = record.front()};
  std::string whole;
  for (const std::string& line : record) {
    whole += line + "\n";
    if (line.find("Host Frame") != std::string::npos || line.find("Device Frame") != std::string::npos)
      continue;
    if (auto place = placeIn(line)) {
      if (place->what.empty() && record.front().find(" read of") != std::string::npos)
        place->what = "read";
      else if (place->what.empty() && record.front().find("of size") != std::string::npos)
        place->what = "write";
      if (finding.places.size() < 2)
        finding.places.push_back(std::move(*place));
    }
  }
  if (finding.message.starts_with("Program hit")) // an error that the driver returned: a consequence
    return std::nullopt;
  finding.check = checkFor(finding.message, whole);
  return finding;
}

} // namespace

SanitizerReport parseSanitizer(std::string_view text) {
  constexpr std::string_view kPrefix = "=========";
  SanitizerReport report;
  std::vector<std::vector<std::string>> records;
  bool open = false;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (!std::string_view(line).starts_with(kPrefix))
      continue;
    line.erase(0, kPrefix.size());
    line.erase(0, line.find_first_not_of(' ') == std::string::npos ? line.size() : line.find_first_not_of(' '));
    if (line.find("SUMMARY:") != std::string::npos)
      report.ran = true;
    else if (line.find("Device not supported") != std::string::npos || line.find("Target application terminated") != std::string::npos ||
             line.find("Internal Sanitizer Error") != std::string::npos)
      report.problem = line;
    if (line.empty()) {
      open = false;
    } else if (startsRecord(line)) {
      records.push_back({line});
      open = true;
    } else if (open) {
      records.back().push_back(line);
    }
  }
  std::set<std::string> seen;
  for (const auto& record : records) {
    auto finding = findingFrom(record);
    if (!finding)
      continue;
    std::string key = finding->check;
    for (const SanitizerPlace& place : finding->places)
      key += "\n" + place.file + ":" + std::to_string(place.line);
    if (seen.insert(key).second)
      report.findings.push_back(std::move(*finding));
  }
  if (!report.problem.empty() && report.findings.empty())
    report.ran = false;
  return report;
}

std::string findSanitizer() {
  if (const char* named = std::getenv("KVERIFY_COMPUTE_SANITIZER"); named && *named)
    return named;
  std::istringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(path, folder, ':');)
    if (std::string place = folder + "/compute-sanitizer"; access(place.c_str(), X_OK) == 0)
      return place;
  const char* usual = "/usr/local/cuda/bin/compute-sanitizer";
  return access(usual, X_OK) == 0 ? usual : "";
}

} // namespace kverify::cuda
